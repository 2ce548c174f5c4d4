"""From JSON values to typed ones, with the liberties that Backstage's readers take.

Each function raises ``ValueError`` whose text is the rule that the value breaks and what to do; the caller adds file
and key.
"""

from __future__ import annotations

import math
import re
from urllib.parse import urlsplit

from portal.config.tree import JsonValue, describe_type

_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_WITH_BASE = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_TRUE = frozenset({"y", "yes", "true", "1", "on"})
_FALSE = frozenset({"n", "no", "false", "0", "off"})


def to_str(value: JsonValue) -> str:
    """Return a string that isn't empty."""
    if isinstance(value, str) and value:
        return value
    if value == "":
        raise ValueError("must not be an empty string. Give it a value, or leave the key out.")
    advice = " Put it into quotes." if isinstance(value, bool | int | float) else ""
    raise ValueError(f"must be a string, not {describe_type(value)}.{advice}")


def to_web_address(value: JsonValue) -> str:
    """Return an address such as ``https://portal.example.com/base``, without a slash at its end."""
    text = to_str(value)
    try:
        parts = urlsplit(text)
        valid = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ValueError(f"must be an address such as https://portal.example.com, not '{text}'.")
    return text.rstrip("/")


def to_strings(value: JsonValue) -> list[str]:
    """Return a list of strings none of which is empty."""
    if not isinstance(value, list):
        raise ValueError(f"must be a list of strings, not {describe_type(value)}. Write [one, two].")
    for position, item in enumerate(value):
        if not isinstance(item, str) or not item:
            raise ValueError(
                f"must be a list of strings, but item {position} is {describe_type(item)}. Correct or remove it."
            )
    return [str(item) for item in value]


def to_float(value: JsonValue) -> float:
    """Return a finite number; a string may hold one."""
    number = _number(value)
    if not math.isfinite(number):
        raise ValueError("must be a finite number.")
    return float(number)


def to_int(value: JsonValue) -> int:
    """Return a whole number; a string may hold one."""
    number = _number(value)
    if isinstance(number, float) and not number.is_integer():
        raise ValueError("must be a whole number. Leave out the fraction.")
    return int(number)


def to_bool(value: JsonValue) -> bool:
    """Return a boolean; also for y, yes, true, 1, on, n, no, false, 0, off in any case."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str | int | float):
        word = str(value).strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
    raise ValueError(f"must be a boolean, not {_shown(value)}. Write true or false.")


def _number(value: JsonValue) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = value.strip()
        if _WITH_BASE.fullmatch(text):
            return int(text, 0)
        if _DECIMAL.fullmatch(text):
            return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)
    raise ValueError(f"must be a number, not {_shown(value)}. Write it in digits.")


def _shown(value: JsonValue) -> str:
    """Show a short text that was to be a number or a boolean: no secret is either."""
    if isinstance(value, str) and value:
        return f"'{value}'" if len(value) <= 20 else f"'{value[:20]}…'"
    return describe_type(value)
