"""How the gateway's keys are fetched, and for how long they are believed."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from jwt.algorithms import OKPAlgorithm

from edgeward_django.errors import KeysUnavailable, Refused
from edgeward_django.keys import GatewayKeys, fetch_over_http, usable_keys
from edgeward_django.rules import KeyRules
from edgeward_django.testing import GatewayForTests

RULES = KeyRules("https://api.example.com/.edgeward/jwks.json", fresh=300, stale=3600, pause=30)
DAWN = 1_000.0


class Clock:
    now = DAWN

    def __call__(self):
        return self.now


class Published:
    """Answers with a body, or raises it; counts."""

    def __init__(self, body):
        self.body, self.count = body, 0

    def __call__(self, rules):
        self.count += 1
        if isinstance(self.body, Exception):
            raise self.body
        return self.body


@pytest.fixture
def stage():
    clock, published = Clock(), Published(GatewayForTests("a").published())
    return GatewayKeys(RULES, published, clock), published, clock


def test_one_fetch_serves_while_keys_are_fresh(stage):
    keys, published, clock = stage
    for clock.now in (DAWN, DAWN + 299, DAWN + 300):
        assert keys.find("a").key_id == "a"
    assert published.count == 1
    clock.now = DAWN + 301
    keys.find("a")
    assert published.count == 2


def test_unknown_names_fetch_once_in_a_pause_however_many_there_are(stage):
    keys, published, clock = stage
    for n in range(50):
        with pytest.raises(Refused):
            keys.find(f"made-up-{n}")
    assert published.count == 1
    clock.now = DAWN + 30
    with pytest.raises(Refused):
        keys.find("made-up")
    assert published.count == 2


def test_a_new_key_is_found_after_the_pause_and_one_that_was_withdrawn_is_not(stage):
    keys, published, clock = stage
    keys.find("a")
    published.body = GatewayForTests("b").published()
    clock.now = DAWN + 30
    assert keys.find("b").key_id == "b"
    with pytest.raises(Refused):
        keys.find("a")


def test_while_the_gateway_gives_none_the_last_keys_serve_for_so_long_and_no_longer(stage):
    keys, published, clock = stage
    keys.find("a")
    published.body = OSError("unreachable")
    clock.now = DAWN + 300 + 3600
    assert keys.find("a").key_id == "a"
    clock.now += 1
    with pytest.raises(KeysUnavailable):
        keys.find("a")
    published.body = GatewayForTests("a").published()
    clock.now += 30
    assert keys.find("a").key_id == "a"


@pytest.mark.parametrize("body", [OSError("unreachable"), b"", b"[]", b'{"keys": []}', b'{"keys": {}}', b"\xff"])
def test_without_any_key_nobody_can_tell_and_it_is_asked_once_in_a_pause(body):
    published = Published(body)
    keys = GatewayKeys(RULES, published, Clock())
    for _ in range(3):
        with pytest.raises(KeysUnavailable):
            keys.find("a")
    assert published.count == 1


def test_threads_that_come_together_fetch_once(stage):
    keys, published, _ = stage
    found = []
    threads = [threading.Thread(target=lambda: found.append(keys.find("a").key_id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, published.count) == (["a"] * 8, 1)


def test_a_thread_whose_key_is_known_does_not_wait_for_the_fetch_of_another(stage):
    keys, published, clock = stage
    keys.find("a")
    clock.now = DAWN + 301
    body, asked, go_on = published.body, threading.Event(), threading.Event()

    def slow(rules):
        asked.set()
        go_on.wait(10)
        return body

    keys._fetch = slow
    other = threading.Thread(target=keys.find, args=("a",))
    other.start()
    asked.wait(10)
    assert keys.find("a").key_id == "a"
    assert other.is_alive()
    go_on.set()
    other.join()


def test_keys_of_other_kinds_private_ones_and_shared_names_are_left_aside():
    one = json.loads(GatewayForTests("a").published())["keys"][0]
    other = json.loads(GatewayForTests("b").published())["keys"][0]
    private = OKPAlgorithm.to_jwk(GatewayForTests().key, as_dict=True)
    entries = [
        one,
        {**other, "kid": "twice"},
        {**one, "kid": "twice"},
        {**private, "kid": "private"},
        {**one, "kid": "rsa", "kty": "RSA"},
    ]
    entries += [{**one, "kid": 7}, {"kty": "OKP", "crv": "Ed25519", "kid": "no-x"}, "text", {**one, "kid": "x25519", "crv": "X25519"}]
    assert list(usable_keys(json.dumps({"keys": entries}).encode())) == ["a"]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b" " * (70_000 if self.path == "/large" else 10)
        status = {"/moved": 302, "/fails": 500}.get(self.path, 200)
        self.send_response(status)
        self.send_header("location", "/keys")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_only_a_200_of_a_bounded_size_is_an_answer(server):
    assert fetch_over_http(KeyRules(f"{server}/keys")) == b" " * 10
    for path in ("/moved", "/fails", "/large"):
        with pytest.raises((OSError, ValueError)):
            fetch_over_http(KeyRules(f"{server}{path}"))


@pytest.mark.django_db
def test_a_view_answers_503_and_not_401_while_nobody_can_tell(ask, gateway):
    gateway.published = lambda: b"{}"
    answer = ask()
    assert (answer.status_code, answer.json()) == (503, {"detail": "the gateway's keys are not available; repeat the request"})
