from django.urls import path
from edgeward_django.sync import SyncView

from . import views

urlpatterns = [
    path("api/notes/", views.Notes.as_view()),
    path("api/caller/", views.Caller.as_view()),
    path("api/members/", views.Members.as_view()),
    path("api/plans/", views.Plans.as_view()),
    path("internal/sync/me", SyncView.as_view()),
    path("internal/sync/members", views.MemberSync.as_view()),
]
