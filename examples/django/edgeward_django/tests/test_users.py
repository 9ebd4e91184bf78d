"""The local user is found or made, once, and is nobody else's."""

import threading

import pytest
from django.db import connection

from .conftest import refused_because

pytestmark = pytest.mark.django_db


def test_the_first_request_makes_a_user_who_cannot_log_in_and_the_next_finds_it(ask, django_user_model):
    for _ in range(2):
        assert ask(email="bob@example.com").json()["user"] == "user-2"
    (user,) = django_user_model.objects.all()
    assert (user.username, user.email, user.has_usable_password()) == ("user-2", "bob@example.com", False)
    assert not user.is_staff
    assert not user.is_superuser


def test_without_create_an_unknown_caller_is_refused(ask, edgeward, django_user_model, caplog):
    edgeward(USER={"LOOKUP": {"username": "sub"}, "CREATE": False})
    with refused_because(caplog, "user_unknown"):
        assert ask().status_code == 401
    django_user_model.objects.create(username="user-2")
    assert ask().status_code == 200


def test_fields_are_written_once_or_follow_with_update(ask, edgeward, django_user_model):
    ask(email="bob@example.com")
    ask(email="robert@example.com")
    assert django_user_model.objects.get().email == "bob@example.com"
    edgeward(USER={"LOOKUP": {"username": "sub"}, "FIELDS": {"email": "email", "first_name": "claims.org.plan"}, "UPDATE": True})
    ask(email="robert@example.com", claims={"org.plan": "pro"}, change={"x-auth-claims": None, "x-auth-plan": "pro"})
    user = django_user_model.objects.get()
    assert (user.email, user.first_name) == ("robert@example.com", "pro")


def test_what_has_not_changed_is_not_written(ask, edgeward, django_assert_num_queries):
    edgeward(USER={"LOOKUP": {"username": "sub"}, "FIELDS": {"email": "email"}, "UPDATE": True})
    ask(email="bob@example.com")
    with django_assert_num_queries(1):
        ask(email="bob@example.com")


def test_a_claim_that_is_absent_takes_nothing_away(ask, edgeward, django_user_model):
    edgeward(USER={"LOOKUP": {"username": "sub"}, "FIELDS": {"email": "email"}, "UPDATE": True})
    ask(email="bob@example.com")
    assert ask().status_code == 200
    assert django_user_model.objects.get().email == "bob@example.com"


def test_an_inactive_user_is_refused(ask, django_user_model, caplog):
    django_user_model.objects.create(username="user-2", is_active=False)
    with refused_because(caplog, "user_inactive"):
        assert ask().status_code == 401


def test_a_caller_with_the_address_of_another_user_is_refused_and_changes_nothing(ask, django_user_model, caplog):
    ask(email="bob@example.com")
    with refused_because(caplog, "user_conflict"):
        assert ask(subject="user-3", email="bob@example.com").status_code == 401
    assert django_user_model.objects.get().username == "user-2"


@pytest.mark.parametrize("subject", ["01", "1 ", "\uff11", "+1", "1.0", "one", "9" * 40])
def test_a_subject_that_a_field_reads_as_another_is_not_that_user(ask, edgeward, django_user_model, subject):
    django_user_model.objects.create(username="ada", number=1, email="ada@example.com")
    edgeward(USER={"LOOKUP": {"number": "sub"}, "CREATE": False})
    assert ask(subject="1").json()["user"] == "ada"
    assert ask(subject=subject).status_code == 401


@pytest.mark.parametrize("value", [True, ["user-2"], {"an": "object"}, 1.5])
def test_what_is_no_text_or_whole_number_names_no_user(ask, edgeward, caplog, value):
    edgeward(USER={"LOOKUP": {"username": "claims.org.id"}}, HEADERS={})
    with refused_because(caplog, "user_not_named"):
        assert ask(claims={"org.id": value}, change={"x-auth-claims": None}).status_code == 401


def test_a_token_without_a_subject_has_no_user(ask, gateway, django_user_model, caplog):
    with refused_because(caplog, "user_not_named"):
        assert (
            ask(change={"x-auth-subject": None, "x-auth-assertion": gateway.assertion({"issuer": "https://main.example.com"})}).status_code
            == 401
        )
    assert django_user_model.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_first_requests_at_the_same_moment_make_one_user(gateway, django_user_model):
    from django.test import Client  # noqa: PLC0415 (each thread has its own)

    start, seen = threading.Barrier(8), []

    def first():
        headers = gateway.headers("user-2", email="bob@example.com")
        start.wait()
        try:
            seen.append(Client().get("/show/", headers=headers).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=first) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [200] * 8
    assert django_user_model.objects.count() == 1
