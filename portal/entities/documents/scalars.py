"""Scalars of YAML 1.2's core schema, as the JavaScript engine ``yaml`` reads them: catalogs are written for it.

So ``yes``, ``2001-01-01`` and ``1_000`` are texts, ``010`` is ten, ``0o10`` eight. Numbers come out as JSON has them:
those without a fraction as integers (``1e3`` is 1000), infinities and ``.nan`` as None.
"""

from __future__ import annotations

import math
import re

from portal.entities.entity import Scalar

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), None),
    **dict.fromkeys((f"{sign}.{word}" for sign in ("", "-", "+") for word in ("inf", "Inf", "INF")), None),
}

#: A number can't begin otherwise.
_NUMBER_STARTS = frozenset("+-.0123456789")
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASED = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")

#: Integers in between can be stored as they are; others become floats, as in JavaScript those of more than 53 bits.
_LEAST, _MOST = -(2**63), 2**64 - 1
#: So many digits, be they hexadecimal, surely stay within those limits.
_SAFE_DIGITS = 15
_LARGEST_EXACT_FLOAT = 2**53

#: What a tag of the core schema takes; a text that doesn't fit stays a text.
_TAGGED = {
    "tag:yaml.org,2002:int": re.compile(f"{_DECIMAL.pattern}|{_BASED.pattern}"),
    "tag:yaml.org,2002:float": re.compile(
        rf"(?!{_DECIMAL.pattern}$)(?:{_FLOAT.pattern})|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    ),
    "tag:yaml.org,2002:bool": re.compile("[Tt]rue|TRUE|[Ff]alse|FALSE"),
    "tag:yaml.org,2002:null": re.compile("~|[Nn]ull|NULL"),
}


def plain_scalar(text: str) -> Scalar:
    """Return the value of a scalar that is written without quotes and without a tag."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _DECIMAL.fullmatch(text):
        return _integer(text, 10)
    if _FLOAT.fullmatch(text):
        return _from_float(float(text))
    if _BASED.fullmatch(text):
        return _integer(text[2:], 16 if text[1] == "x" else 8)
    return text


def tagged_scalar(text: str, tag: str) -> Scalar:
    """Return the value of a scalar with a tag: ``!!int "3"`` is 3.

    It is the text itself if the tag isn't one of the core schema's, or the text isn't of that type.
    """
    pattern = _TAGGED.get(tag)
    return plain_scalar(text) if pattern is not None and pattern.fullmatch(text) else text


def _integer(digits: str, base: int) -> Scalar:
    if len(digits) <= _SAFE_DIGITS:
        return int(digits, base)
    try:
        value = int(digits, base)
    except ValueError:
        # Python refuses to convert thousands of digits; no float is that large either.
        return None
    return value if _LEAST <= value <= _MOST else _from_float(_float(value))


def _float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _from_float(value: float) -> Scalar:
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) <= _LARGEST_EXACT_FLOAT else value
