from django.urls import path
from rest_framework_simplejwt.views import TokenBlacklistView, TokenObtainPairView, TokenRefreshView, TokenVerifyView

from . import views

urlpatterns = [
    path("api/auth/token/", TokenObtainPairView.as_view()),
    path("api/auth/token/refresh/", TokenRefreshView.as_view()),
    path("api/auth/token/verify/", TokenVerifyView.as_view()),
    path("api/auth/token/blacklist/", TokenBlacklistView.as_view()),
    path("api/auth/logout/", TokenBlacklistView.as_view()),
    path("api/auth/me/", views.Me.as_view()),
    path("api/auth/change-password/", views.ChangePassword.as_view()),
    path("api/users/invite/", views.Invite.as_view()),
    path("api/users/<str:id>/", views.Remove.as_view()),
    path("api/users/<str:id>/change-password/", views.ChangeTheirPassword.as_view()),
    path("api/plans/", views.Plans.as_view()),
]
