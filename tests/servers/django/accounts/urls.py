from django.conf import settings
from django.urls import include, path
from knox.views import LogoutView
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework_simplejwt.views import (
    TokenBlacklistView,
    TokenObtainPairView,
    TokenRefreshView,
    TokenVerifyView,
)

from . import public, views

urlpatterns = [
    path("api/auth/token/", TokenObtainPairView.as_view()),
    path("api/auth/token/refresh/", TokenRefreshView.as_view()),
    path("api/auth/token/verify/", TokenVerifyView.as_view()),
    path("api/auth/token/blacklist/", TokenBlacklistView.as_view()),
    path("api/auth/me/", views.own_profile),
    path("api/authtoken/login/", obtain_auth_token),
    path("api/authtoken/me/", views.authtoken_me),
    path("api/knox/login/", views.KnoxLogin.as_view()),
    path("api/knox/logout/", LogoutView.as_view()),
    path("api/knox/me/", views.knox_me),
    path("api/throttled/me/", views.throttled_me),
    path("api/me/", views.me),
    path("api/reports/", views.reports),
    path("api/exams/", views.exams),
    path("api/echo/", views.echo),
    path("api/echo/<path:rest>", views.echo),
    path("api/where/", public.where),
    path("api/people/", public.People.as_view()),
    path("form/", public.form),
    path("internal/sync/me", views.sync_me),
    path("internal/ledger/", views.notes),
    path(".well-known/jwks.json", views.jwks),
]
if "dj_rest_auth" in settings.INSTALLED_APPS:
    urlpatterns.append(path("api/dj/", include("dj_rest_auth.urls")))
if "wcd_jwt" in settings.INSTALLED_APPS:
    from wcd_jwt.contrib.registry.views import make_urlpatterns as registry_urlpatterns
    from wcd_jwt.views import make_urlpatterns, token_obtain_view

    # Its default view of a login opens a session of Django, too.
    patterns = [*make_urlpatterns(obtain_view=token_obtain_view), *registry_urlpatterns()]
    urlpatterns.append(path("api/wcd/", include(patterns)))
