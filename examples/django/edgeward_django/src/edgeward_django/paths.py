"""Dotted paths into claims and records, read as the gateway reads them."""

from collections.abc import Mapping
from typing import Any


def value_at(record: Any, path: str) -> Any:
    """What stands at the path, or None. A name may hold dots itself, so the longest name is tried first; `roles.0` is the first role."""
    if path == "":
        return record
    names = path.split(".")
    for length in range(len(names), 0, -1):
        name, rest = ".".join(names[:length]), ".".join(names[length:])
        found = _member(record, name)
        if found is not None:
            return value_at(found, rest)
    return None


def _member(record: Any, name: str) -> Any:
    if isinstance(record, Mapping):
        return record.get(name)
    if isinstance(record, list) and name.isascii() and name.isdigit():
        index = int(name)
        return record[index] if index < len(record) else None
    return None
