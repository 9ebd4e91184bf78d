"""Roles and scopes are those of the token, whatever the local user has."""

import pytest

from edgeward_django.permissions import HasAnyRole, HasRole, HasScope

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "facts", "status"),
    [
        ("/written/", {"roles": ["rvt"], "token": "t"}, 200),
        ("/written/", {"roles": ["RVT"]}, 403),
        ("/written/", {"roles": ["rvt2", "x rvt"]}, 403),
        ("/written/", {}, 403),
        ("/any-role/", {"roles": ["x", "doctor"]}, 200),
        ("/any-role/", {"roles": ["nurse"]}, 403),
        ("/scope/", {"scope": "users:write other users:read"}, 200),
        ("/scope/", {"scope": "users:read"}, 403),
        ("/scope/", {"scope": "users%3Aread users:write"}, 403),
        ("/words/", {"scope": "schön"}, 200),
        ("/either/", {"scope": "users:read"}, 200),
        ("/either/", {"roles": ["admin"]}, 200),
        ("/either/", {"roles": ["users:read"]}, 403),
    ],
)
def test_the_caller_needs_what_the_view_names(ask, path, facts, status):
    assert ask(path, **facts).status_code == status


def test_another_name_in_the_claims_gives_no_role(ask, edgeward):
    edgeward(CLAIMS={"roles": "sub", "role": "sub", "id": "sub"})
    assert ask("/written/", subject="rvt").status_code == 403


def test_a_permission_without_a_role_is_an_error_when_it_is_written():
    for make in (lambda: HasRole(""), HasAnyRole, HasScope, lambda: HasAnyRole(["admin"])):
        with pytest.raises(TypeError):
            make()
