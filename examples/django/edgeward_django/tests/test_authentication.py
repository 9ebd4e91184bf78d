"""Which requests are believed."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rest_framework_simplejwt.tokens import AccessToken

from edgeward_django.assertion import TYPE
from edgeward_django.caller import Caller, CallerToken
from edgeward_django.conf import current_rules

from .conftest import refused_because

pytestmark = pytest.mark.django_db
ASSERTION = "x-auth-assertion"


def test_a_request_of_the_gateway_has_its_caller(ask):
    answer = ask(roles=["rvt"], email="bob@example.com", tenant="acme", scope="users:read")
    assert answer.status_code == 200
    assert answer.json()["user"] == "user-2"
    claims = answer.json()["claims"]
    facts = {"sub": "user-2", "issuer": "https://main.example.com", "email": "bob@example.com", "roles": ["rvt"], "tenant": "acme"}
    assert {name: claims[name] for name in facts} == facts
    assert (claims["id"], claims["role"], claims["scope"]) == ("user-2", "rvt", "users:read")


@pytest.mark.parametrize("path", ["/show/", "/open/"])
def test_a_request_without_an_assertion_is_refused_on_every_view(client, gateway, path, caplog):
    with refused_because(caplog, "assertion_missing"):
        answer = client.get(path, headers={"authorization": "Bearer a.b.c"})
    assert (answer.status_code, answer["www-authenticate"]) == (401, "Bearer")
    assert answer.json() == {"detail": "the request did not come through the gateway"}


@pytest.mark.parametrize("path", ["/open/", "/optional/"])
def test_identity_headers_without_an_assertion_are_refused_even_where_nobody_passes(ask, path, caplog):
    with refused_because(caplog, "assertion_missing"):
        assert ask(path, change={ASSERTION: None}).status_code == 401


def test_a_request_of_nobody_passes_on_an_optional_view_without_claims(client, gateway):
    answer = client.get("/optional/")
    assert (answer.status_code, answer.json()) == (200, {"user": "AnonymousUser", "claims": {}})


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("x-auth-subject", "user-1"),
        ("x-auth-subject", None),
        ("x-auth-issuer", "https://other.example.com"),
        ("x-auth-email", "ada@example.com"),
        ("x-auth-email", None),
        ("x-auth-roles", '"rvt", "admin"'),
        ("x-auth-roles", ""),
        ("x-auth-roles", None),
        ("x-auth-scope", "users:read users:write"),
        ("x-auth-tenant", "other"),
        ("x-auth-session", "s-1"),
        ("x-auth-token-id", "1"),
        ("x-auth-plan", "pro"),
    ],
)
def test_a_header_that_differs_from_the_assertion_is_refused(ask, caplog, header, value):
    facts = {"roles": ["rvt"], "email": "bob@example.com", "scope": "users:read", "tenant": "acme"}
    assert ask(**facts).status_code == 200
    with refused_because(caplog, "header_differs"):
        assert ask(change={header: value}, **facts).status_code == 401


def test_a_header_in_another_case_is_the_same_header(ask, caplog):
    with refused_because(caplog, "header_differs"):
        assert ask(change={"x-auth-subject": None, "X-AUTH-SUBJECT": "user-1"}).status_code == 401


def test_texts_beyond_ascii_agree_with_the_assertion(ask, edgeward):
    edgeward(USER=None)
    roles = ["Ärztin", 'with "quotes" and \\', "a,b", "100%"]
    answer = ask(subject="Jörg 100%", roles=roles, email="jörg@example.com", scope="lesen schön")
    assert answer.status_code == 200, answer.content
    assert answer.json()["claims"]["roles"] == roles


NOW = int(time.time())


@pytest.mark.parametrize(
    ("code", "claims", "header"),
    [
        ("assertion_expired", {"iat": NOW - 120, "exp": NOW - 40}, {}),
        ("assertion_invalid", {"iat": NOW + 60, "exp": NOW + 120}, {}),
        ("assertion_invalid", {"aud": "globex"}, {}),
        ("assertion_invalid", {"aud": ["acme", "globex"]}, {}),
        ("assertion_invalid", {"aud": None}, {}),
        ("assertion_invalid", {"iss": "https://main.example.com"}, {}),
        ("assertion_invalid", {"iss": None}, {}),
        ("assertion_invalid", {"exp": None}, {}),
        ("assertion_invalid", {"iat": None}, {}),
        ("assertion_invalid", {"nbf": NOW + 90}, {}),
        ("token_issuer_refused", {"issuer": "https://other.example.com"}, {}),
        ("token_issuer_refused", {"issuer": None}, {}),
        ("assertion_header_refused", {}, {"typ": "JWT"}),
        ("assertion_header_refused", {}, {"typ": None}),
        ("assertion_header_refused", {}, {"kid": None}),
        ("assertion_too_large", {"claims": {"x": "x" * 20_000}}, {}),
        ("key_unknown", {}, {"kid": "other"}),
    ],
)
def test_an_assertion_with_another_member_is_refused(ask, gateway, caplog, code, claims, header):
    full = {"sub": "user-2", "issuer": "https://main.example.com", **claims}
    with refused_because(caplog, code):
        assert ask(change={ASSERTION: gateway.assertion(full, header)}).status_code == 401


def test_an_assertion_that_asks_for_what_is_not_understood_is_refused(ask, gateway):
    # By PyJWT itself, or by us where PyJWT is older.
    text = gateway.assertion({"sub": "user-2", "issuer": "https://main.example.com"}, {"crit": ["x"], "x": 1})
    assert ask(change={ASSERTION: text}).status_code == 401


def test_an_assertion_within_the_leeway_passes(ask, gateway):
    late = {"sub": "user-2", "issuer": "https://main.example.com", "iat": NOW - 60, "exp": int(time.time()) - 10}
    assert ask(change={ASSERTION: gateway.assertion(late)}).status_code == 200


def signed_by(key, algorithm, gateway):
    rules, now = current_rules(), int(time.time())
    claims = {
        "iss": rules.issuer,
        "aud": rules.audience,
        "iat": now,
        "exp": now + 60,
        "sub": "user-2",
        "issuer": "https://main.example.com",
    }
    return jwt.encode(claims, key, algorithm=algorithm, headers={"typ": TYPE, "kid": gateway.kid})


def test_an_assertion_of_another_key_or_algorithm_is_refused(ask, gateway, caplog):
    forged = [
        (Ed25519PrivateKey.generate(), "EdDSA"),
        # The public key taken for a secret (RFC 8725 §2.1), and no signature at all.
        (gateway.key.public_key().public_bytes_raw(), "HS256"),
        (None, "none"),
    ]
    for key, algorithm in forged:
        with refused_because(caplog, "assertion_invalid"):
            assert ask(change={ASSERTION: signed_by(key, algorithm, gateway)}).status_code == 401


@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "x" * 20_000])
def test_what_is_no_jwt_is_refused(ask, text):
    assert ask(change={ASSERTION: text}).status_code == 401


def test_a_view_written_for_simplejwt_keeps_working(ask):
    answer = ask("/written/", roles=["rvt"], token="eyJ.own.token")
    assert answer.json() == {"token": "eyJ.own.token", "text": "eyJ.own.token", "id": "user-2", "role": "rvt"}


def test_the_token_is_forwarded_with_the_id_of_the_request_or_not_at_all(ask):
    answer = ask("/forward/", token="eyJ.own.token", change={"x-request-id": "r-1"})
    assert answer.json() == {"Authorization": "Bearer eyJ.own.token", "X-Request-Id": "r-1"}
    assert ask("/forward/").status_code == 401


def test_a_refusal_shows_and_logs_nothing_of_the_request(ask, caplog):
    answer = ask(token="eyJ.secret.token", change={"x-auth-subject": "somebody"})
    for text in (answer.content.decode(), caplog.text):
        assert not any(part in text for part in ("secret", "somebody", "user-2"))


def test_while_an_application_moves_over_a_token_without_an_assertion_is_verified_by_itself(ask, client, gateway, django_user_model):
    user = django_user_model.objects.create(username="ada", email="ada@example.com")
    token = str(AccessToken.for_user(user))
    assert client.get("/both/", headers={"authorization": f"Bearer {token}"}).json() == {"user": "ada", "claims": {}}
    assert client.get("/both/", headers={"authorization": f"Bearer {token}x"}).status_code == 401
    assert client.get("/both/").status_code == 401
    assert ask("/both/", token=token).json()["user"] == "user-2"
    assert ask("/both/", token=token, change={"x-auth-subject": "ada"}).status_code == 401


def test_without_local_users_the_caller_is_no_row(ask, edgeward, django_user_model):
    edgeward(USER=None)
    assert ask(subject="user-9").json()["user"] == "user-9"
    assert django_user_model.objects.count() == 0


def test_a_further_claim_does_not_take_the_place_of_a_fact(ask, edgeward):
    edgeward(HEADERS={"CLAIMS": [{"header": "x-auth-own-roles", "claim": "roles", "encoding": "list"}]}, CLAIMS={})
    answer = ask(roles=["rvt"], claims={"roles": ["admin"]}, change={"x-auth-claims": None, "x-auth-own-roles": '"admin"'})
    assert answer.json()["claims"]["roles"] == ["rvt"]


def test_a_token_shows_nothing_of_itself_and_callers_of_two_issuers_are_two():
    assert "secret" not in f"{CallerToken(b'secret', {}, {})!r}"
    assert Caller("https://a.example", "1").pk != Caller("https://b.example", "1").pk


def test_other_names_of_headers_are_read_and_the_usual_ones_say_nothing(ask, edgeward):
    edgeward(HEADERS={"PREFIX": "x-gate-", "NAMES": {"subject": "x-user"}})
    assert ask(change={"x-auth-subject": "user-1"}).status_code == 200
    assert ask(change={"x-user": "user-1"}).status_code == 401
