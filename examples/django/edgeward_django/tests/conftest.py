import json
from contextlib import contextmanager

import pytest

from edgeward_django.testing import GatewayForTests


@pytest.fixture
def gateway():
    with GatewayForTests() as gateway:
        yield gateway


@pytest.fixture
def ask(client, gateway):
    """A request with the headers of a caller; `change` takes headers away (None) or writes others."""

    def ask(path="/show/", subject="user-2", *, change=None, method="get", body=None, **facts):
        headers = {**gateway.headers(subject, **facts), **(change or {})}
        sent = {name: value for name, value in headers.items() if value is not None}
        more = {} if body is None else {"data": body if isinstance(body, str) else json.dumps(body), "content_type": "application/json"}
        return getattr(client, method)(path, headers=sent, **more)

    return ask


@pytest.fixture
def edgeward(settings):
    """Other settings: `edgeward(USER=None)`."""

    def change(**fields):
        settings.EDGEWARD = {**settings.EDGEWARD, **fields}

    return change


@contextmanager
def refused_because(caplog, code):
    caplog.clear()
    yield
    assert [record.getMessage() for record in caplog.records if record.name == "edgeward_django"] == [f"refused: {code}"]
