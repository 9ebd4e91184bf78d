"""What the gateway posts after a change at Main."""

import pytest

from edgeward_django.sync import synced

pytestmark = pytest.mark.django_db
PATH = "/internal/sync/me"
RECORD = {"id": "user-2", "email": "robert@example.com", "first_name": "Robert"}


@pytest.fixture
def tell(ask):
    def tell(body=RECORD, change=None, **facts):
        return ask(PATH, method="post", body=body, change={"x-edgeward-sync": "1", **(change or {})}, **facts)

    return tell


@pytest.fixture
def heard():
    calls = []

    def receiver(**call):
        calls.append((call["user"], call["claims"]["sub"], call["record"]))

    synced.connect(receiver)
    yield calls
    synced.disconnect(receiver)


def test_the_fields_of_the_caller_follow_twice_the_same(tell, heard, django_user_model):
    for _ in range(2):
        answer = tell()
        assert (answer.status_code, answer.content) == (204, b"")
    user = django_user_model.objects.get()
    assert (user.username, user.first_name, user.email) == ("user-2", "Robert", "robert@example.com")
    assert heard == [(user, "user-2", RECORD)] * 2


@pytest.mark.parametrize("record", [{**RECORD, "id": "user-1"}, {"first_name": "Robert"}])
def test_a_record_that_is_not_about_the_caller_changes_nothing(tell, heard, django_user_model, record):
    django_user_model.objects.create(username="user-1", first_name="Ada", email="ada@example.com")
    assert tell(record).status_code == 403
    assert django_user_model.objects.get(username="user-1").first_name == "Ada"
    assert heard == []


def test_nobody_but_the_gateway_tells(tell, heard):
    assert tell(change={"x-edgeward-sync": None}).status_code == 403
    assert tell(change={"x-auth-assertion": None}).status_code == 401
    assert tell(change={"x-auth-subject": "user-1"}).status_code == 401
    assert heard == []


def test_a_body_that_is_no_record_is_refused(tell, heard):
    for body, status in [("[1]", 400), ("{", 400), ('"x"', 400), ('{"first_name": "' + "x" * 65_536 + '"}', 413)]:
        assert tell(body).status_code == status
    assert tell({**RECORD, "first_name": {"an": "object"}}).status_code == 400
    assert heard == []


def test_an_answer_without_a_body_is_heard_and_changes_nothing(tell, heard, django_user_model):
    assert tell("").status_code == 204
    assert heard == [(django_user_model.objects.get(), "user-2", None)]
