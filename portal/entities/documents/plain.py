"""Reads documents that leave nothing to interpret in one go, about three times as fast as the composer.

``ryaml`` is made of the same libyaml that the composer's parser is, refuses a key that stands twice, and knows the
scalars of YAML 1.2. What it reads differently, or without a limit, is left to the composer: anchors, aliases and tags;
numbers other than decimal integers, and texts that look like one; keys that aren't texts; and whatever it refuses.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ryaml

from portal.entities.documents.composer import MAX_DEPTH
from portal.entities.documents.scalars import plain_scalar

#: Where one of these is there may be an anchor, an alias, a tag, an integer that isn't decimal, or a NUL character.
_UNUSUAL = ("&", "*", "!", "0b", "0o", "0x", r"\0", r"\x00", r"\u0000", r"\U00000000")
#: Documents with more flow collections than this are left to the composer, which stops at those nested too deeply:
#: for libyaml each level takes as long as all above it, before ``ryaml`` hears of any.
MOST_FLOWS = 1000
#: How a text begins that may be a number.
_NUMBER_STARTS = frozenset("+-.0123456789")


def plain_object(text: str) -> dict[str, Any] | None:
    """Return the object that is all of ``text``, just as the composer would; None if that has to read it."""
    if any(sign in text for sign in _UNUSUAL) or text.count("[") + text.count("{") > MOST_FLOWS:
        return None
    try:
        value: object = ryaml.loads(text)
    except ValueError:  # which YAML errors are, and objects as keys
        return None
    return value if isinstance(value, dict) and _is_plain(value, MAX_DEPTH) else None


def _is_plain(value: dict[Any, Any] | list[Any], depth: int) -> bool:
    """Tell whether a value, nested ``depth`` deep at most, holds nothing that the composer may read otherwise."""
    if not depth:
        return False
    if type(value) is dict:
        for key in value:
            if type(key) is not str or (key[:1] in _NUMBER_STARTS and _is_number(key)):
                return False
        members: Iterable[Any] = value.values()
    else:
        members = value
    for member in members:
        kind = type(member)
        if kind is str:
            if member[:1] in _NUMBER_STARTS and _is_number(member):
                return False
        elif kind is dict or kind is list:
            if not _is_plain(member, depth - 1):
                return False
        elif kind is float:
            return False
    return True


def _is_number(text: str) -> bool:
    """Tell whether a text would be a number for the composer if there were no quotes around it, as there may be."""
    return not isinstance(plain_scalar(text), str)
