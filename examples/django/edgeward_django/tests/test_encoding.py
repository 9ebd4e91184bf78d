"""Headers are compared with the assertion as the gateway writes them."""

import base64
import json

import pytest

from edgeward_django.encoding import ABSENT, agrees
from edgeward_django.paths import value_at


def b64(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("header", "value", "encoding"),
    [
        ("J%c3%b6rg%20100%25", "Jörg 100%", "plain"),
        ("7", 7, "plain"),
        ("true", True, "plain"),
        ("1.50", 1.5, "plain"),
        ("a b%20c 7", ["a", "b c", 7], "plain"),
        ('"a,b", %"z%c3%bcrich"', ["a,b", "zürich"], "list"),
        ('"one"', "one", "list"),
        (b64({"id": 7, "plan": "pro"}), {"plan": "pro", "id": 7}, "json"),
        ("", "", "plain"),
        ("", [], "plain"),
        ("", [""], "plain"),
        ("", [], "list"),
        ("1e-7 1", [1e-7, 1], "plain"),
        ('"1e-7", "true"', [1e-7, True], "list"),
        ("bnVsbA", None, "json"),
        ("%c3%a9 a", "%c3%a9 a", "words"),
        (None, ABSENT, "plain"),
    ],
)
def test_a_header_that_says_the_same_agrees(header, value, encoding):
    assert agrees(header, value, encoding)


@pytest.mark.parametrize(
    ("header", "value", "encoding"),
    [
        ("ada", "Ada", "plain"),
        ("8", 7, "plain"),
        ("seven", 7, "plain"),
        ("1", True, "plain"),
        ("a", ["a", "b"], "plain"),
        ('"a"', ["a", "b"], "list"),
        ('"b", "a"', ["a", "b"], "list"),
        ("a", ["a"], "list"),
        ("!", {"id": 7}, "json"),
        (b64({"id": 8}), {"id": 7}, "json"),
        ("true", 1, "plain"),
        ("null", None, "plain"),
        ("a  b", ["a", "b"], "plain"),
        ("a b", "b a", "words"),
        ("x", ABSENT, "plain"),
        ("", ABSENT, "plain"),
        (None, "x", "plain"),
        (None, "", "plain"),
        ('{"an": "object"}', {"an": "object"}, "plain"),
    ],
)
def test_a_header_that_says_something_else_does_not_agree(header, value, encoding):
    assert not agrees(header, value, encoding)


def test_a_path_takes_the_longest_name_first_and_ends_where_nothing_is():
    record = {"org.plan": "by name", "org": {"plan": "by path", "id": 7}, "roles": ["a", "b"], "text": "x"}
    assert value_at(record, "org.plan") == "by name"
    assert value_at(record, "org.id") == 7
    assert value_at(record, "roles.1") == "b"
    for path in ("roles.2", "roles.-1", "text.x", "none", "org.none.x"):
        assert value_at(record, path) is None
