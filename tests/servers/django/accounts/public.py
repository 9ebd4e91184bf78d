"""What an application does with the host, the scheme and the address that a request is said to come from."""

from django.conf import settings
from django.http import JsonResponse
from django.middleware.csrf import get_token
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.generics import ListAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from .models import Organisation, User
from .views import Profile, heard


class TenantByHost:
    """As django-tenants has it: the host says whose data a request is about, and nothing else is asked."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        host = request.get_host().split(":")[0]
        request.tenant = Organisation.objects.filter(pk=settings.TENANT_HOSTS.get(host)).first()
        return self.get_response(request)


@api_view(["GET"])
@authentication_classes([])
@permission_classes([])
def where(request):
    """Where the client is taken to have asked, and from where."""
    tenant = getattr(request, "tenant", None)
    return Response(
        {
            "url": request.build_absolute_uri(),
            "secure": request.is_secure(),
            "tenant": tenant and tenant.pk,
            # The usual recipe, and what REST framework counts a stranger's requests under.
            "client": request.headers.get("x-forwarded-for", request.META["REMOTE_ADDR"]).split(",")[0].strip(),
            "counted_as": BaseThrottle().get_ident(request),
            **heard(request),
        }
    )


class OneByOne(PageNumberPagination):
    page_size = 1


class People(ListAPIView):
    authentication_classes = []
    permission_classes = []
    queryset = User.objects.order_by("id")
    serializer_class = Profile
    pagination_class = OneByOne


def form(request):
    """A page's form: reading it gives the token, and posting it changes something."""
    return JsonResponse({"changed": True} if request.method == "POST" else {"token": get_token(request)})
