"""The encodings of identity headers, and whether a header says what the assertion says."""

import base64
import binascii
import json
import re
from typing import Any
from urllib.parse import unquote

ITEM = re.compile(r'%"([^"]*)"|"((?:[^"\\]|\\.)*)"')


# What a claim is that the assertion does not have. A null claim is there.
ABSENT = object()


def agrees(header: str | None, value: Any, encoding: str) -> bool:
    """Whether the header is how the gateway writes this claim. A claim that the assertion does not have has no header."""
    if header is None or value is ABSENT:
        return header is None and value is ABSENT
    if encoding == "json":
        return _same_json(header, value)
    if encoding == "words":
        # The assertion has the text of the header.
        return bool(header == value)
    if encoding == "list":
        return _same_items(items(header), value if isinstance(value, list) else [value])
    if isinstance(value, list):
        return _same_items([unquote(word) for word in header.split(" ")] if header else [], value) or (header, value) == ("", [""])
    return _same_scalar(unquote(header), value)


def items(header: str) -> list[str]:
    """The texts of an RFC 9651 list of strings and display strings."""
    return [
        unquote(item.group(1)) if item.group(1) is not None else re.sub(r"\\(.)", r"\1", item.group(2)) for item in ITEM.finditer(header)
    ]


def _same_items(texts: list[str], values: list[Any]) -> bool:
    return len(texts) == len(values) and all(map(_same_scalar, texts, values))


def _same_scalar(text: str, value: Any) -> bool:
    if isinstance(value, str):
        return text == value
    if isinstance(value, bool):
        return text == ("true" if value else "false")
    try:
        # Not compared as texts: one number may be written in several ways.
        said = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, int | float) and not isinstance(said, bool) and bool(said == value)


def _same_json(header: str, value: Any) -> bool:
    try:
        return bool(json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))) == value)
    except (binascii.Error, ValueError):
        return False
