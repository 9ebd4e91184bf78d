"""`manage.py check` names each wrong setting."""

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from edgeward_django.conf import current_rules


def found():
    return [(message.id, message.msg) for message in run_checks() if (message.id or "").startswith("edgeward.")]


def test_good_settings_have_no_message():
    assert found() == []


TABLE = 'EDGEWARD["{}"]'


@pytest.mark.parametrize(
    ("fields", "number", "place"),
    [
        ({"JWKS_URL": None}, 2, "JWKS_URL"),
        ({"JWKS_URL": "http://api.example.com/.edgeward/jwks.json"}, 2, "JWKS_URL"),
        ({"JWKS_URL": "file:///etc/passwd"}, 2, "JWKS_URL"),
        ({"AUDIENCE": ""}, 3, "AUDIENCE"),
        ({"AUDIENCE": ["acme"]}, 3, "AUDIENCE"),
        ({"ISSUER": None}, 4, "ISSUER"),
        ({"LEEWAY_SECONDS": 301}, 5, "LEEWAY_SECONDS"),
        ({"LEEWAY_SECONDS": True}, 5, "LEEWAY_SECONDS"),
        ({"KEYS": {"FRESH_SECONDS": 0}}, 5, 'KEYS"]["FRESH_SECONDS'),
        ({"KEYS": {"PAUSE_SECONDS": "30"}}, 5, 'KEYS"]["PAUSE_SECONDS'),
        ({"HEADERS": {"PREFIX": "x-auth"}}, 6, 'HEADERS"]["PREFIX'),
        ({"HEADERS": {"NAMES": {"user": "x-user"}}}, 6, 'HEADERS"]["NAMES'),
        ({"HEADERS": {"CLAIMS": [{"header": "x-auth-plan"}]}}, 6, 'HEADERS"]["CLAIMS'),
        ({"TOKEN_ISSUERS": "https://main.example.com"}, 7, "TOKEN_ISSUERS"),
        ({"CLAIMS": {"id": 7}}, 8, "CLAIMS"),
        ({"USER": {}}, 9, 'USER"]["LOOKUP'),
        ({"USER": {"LOOKUP": {"username": "sub"}, "CREATE": "yes"}}, 9, 'USER"]["CREATE'),
        ({"SYNC": {"FIELDS": ["email"]}}, 10, 'SYNC"]["FIELDS'),
        ({"USER": {"LOOKUP": {"nick": "sub"}}}, 11, 'USER"]["LOOKUP"]["nick'),
        ({"SYNC": {"FIELDS": {"nick": "nick"}}}, 11, 'SYNC"]["FIELDS"]["nick'),
        ({"USER": {"LOOKUP": {"first_name": "sub"}}}, 12, 'USER"]["LOOKUP'),
        ({"TOKEN_ISSUERS": []}, 13, "TOKEN_ISSUERS"),
        ({"TOKEN_ISSUERS": ["https://a.example", "https://b.example"]}, 13, "TOKEN_ISSUERS"),
        ({"AUDIENCES": ["acme"]}, 1, "AUDIENCES"),
        ({"KEYS": {"FRESH": 1}}, 1, 'KEYS"]["FRESH'),
    ],
)
def test_a_wrong_setting_is_named(edgeward, fields, number, place):
    edgeward(**fields)
    assert (f"edgeward.E{number:03}", TABLE.format(place)) in [(id, message.split(": ")[0]) for id, message in found()]


def test_a_missing_table_and_several_faults_are_told_at_once(settings, edgeward):
    edgeward(AUDIENCE="", ISSUER="", NONSENSE=1)
    assert {id for id, _ in found()} == {"edgeward.E001", "edgeward.E003", "edgeward.E004"}
    with pytest.raises(ImproperlyConfigured, match=r"AUDIENCE.*ISSUER.*NONSENSE"):
        current_rules()
    del settings.EDGEWARD
    assert ("edgeward.E001", "EDGEWARD: expected a dict") in found()


@pytest.mark.django_db
def test_with_a_wrong_setting_nothing_is_answered(client, gateway, edgeward):
    edgeward(AUDIENCE="")
    with pytest.raises(ImproperlyConfigured):
        client.get("/optional/")


def test_a_lookup_by_address_and_another_way_in_are_warned_of(edgeward, settings):
    edgeward(USER={"LOOKUP": {"email": "email"}})
    assert [id for id, _ in found()] == ["edgeward.W001"]
    edgeward(USER=None)
    settings.REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"]}
    assert [id for id, _ in found()] == ["edgeward.W002"]
    settings.REST_FRAMEWORK = {}
    assert [id for id, _ in found()] == ["edgeward.W002"]


def test_two_fields_that_are_unique_together_find_a_user_of_several_issuers(edgeward, django_user_model, monkeypatch):
    edgeward(TOKEN_ISSUERS=[], USER={"LOOKUP": {"first_name": "sub", "last_name": "issuer"}})
    assert [id for id, _ in found()] == ["edgeward.E012"]
    partly = models.UniqueConstraint(fields=["first_name", "last_name"], name="partly", condition=models.Q(is_active=True))
    monkeypatch.setattr(django_user_model._meta, "constraints", [partly])
    assert [id for id, _ in found()] == ["edgeward.E012"]
    together = models.UniqueConstraint(fields=["first_name", "last_name"], name="together")
    monkeypatch.setattr(django_user_model._meta, "constraints", [together])
    assert found() == []
