"""The encodings of identity headers, and whether a header says what the assertion says."""

import base64
import binascii
import json
import re
from typing import Any
from urllib.parse import unquote

ITEM = re.compile(r'%"([^"]*)"|"((?:[^"\\]|\\.)*)"')


def agrees(header: str | None, value: Any, encoding: str) -> bool:
    """Whether the header is how the gateway writes this value. A value without a form in its encoding has no header."""
    if header is None:
        return not _has_form(value, encoding)
    if not _has_form(value, encoding):
        return False
    if encoding == "json":
        return _same_json(header, value)
    if encoding == "list":
        return items(header) == [_text(item) for item in _listed(value)]
    if isinstance(value, list):
        return [unquote(word) for word in header.split(" ")] == [_text(item) for item in value]
    return _same_scalar(unquote(header), value)


def items(header: str) -> list[str]:
    """The texts of an RFC 9651 list of strings and display strings."""
    return [
        unquote(item.group(1)) if item.group(1) is not None else re.sub(r"\\(.)", r"\1", item.group(2)) for item in ITEM.finditer(header)
    ]


def _has_form(value: Any, encoding: str) -> bool:
    if value is None or value in ("", []):
        return False
    if encoding == "json":
        return True
    return all(isinstance(item, str | int | float) for item in _listed(value))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _same_scalar(text: str, value: Any) -> bool:
    if isinstance(value, str | bool):
        return text == _text(value)
    try:
        # Not compared as texts: one number may be written in several ways.
        return bool(json.loads(text) == value)
    except ValueError:
        return False


def _same_json(header: str, value: Any) -> bool:
    try:
        return bool(json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))) == value)
    except (binascii.Error, ValueError):
        return False
