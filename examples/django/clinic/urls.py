from django.urls import path

from . import views

urlpatterns = [
    path("exams/", views.Exams.as_view()),
    path("rounds/", views.Rounds.as_view()),
    path("paid/", views.Rounds.as_view()),
    path("token/", views.Token.as_view()),
]
