"""Spans of time as configuration writes them.

``{hours: 1, minutes: 30}``, ``90m`` or ``1.5 hours``, and ISO 8601's ``PT1H30M``. A month counts as 30 days, a year
as 365.
"""

from __future__ import annotations

import re
from datetime import timedelta

from portal.config.coercion import to_float
from portal.config.tree import JsonObject, JsonValue, describe_type

_UNITS = {
    "years": timedelta(days=365),
    "months": timedelta(days=30),
    "weeks": timedelta(weeks=1),
    "days": timedelta(days=1),
    "hours": timedelta(hours=1),
    "minutes": timedelta(minutes=1),
    "seconds": timedelta(seconds=1),
    "milliseconds": timedelta(milliseconds=1),
}
_SHORT_UNITS = {
    "years": ("y", "yr", "yrs", "year"),
    "weeks": ("w", "week"),
    "days": ("d", "day"),
    "hours": ("h", "hr", "hrs", "hour"),
    "minutes": ("m", "min", "mins", "minute"),
    "seconds": ("s", "sec", "secs", "second"),
    "milliseconds": ("ms", "msec", "msecs", "millisecond"),
}
_UNIT_NAMES = {name: unit for unit, names in _SHORT_UNITS.items() for name in (unit, *names)}
_NUMBER = r"\d{1,20}(?:\.\d{1,20})?"
_FRIENDLY = re.compile(r"(?P<number>\d*\.?\d+) *(?P<unit>[a-z]+)", re.IGNORECASE)
_ISO = re.compile(
    rf"P(?=.)(?:(?P<years>{_NUMBER})Y)?(?:(?P<months>{_NUMBER})M)?(?:(?P<weeks>{_NUMBER})W)?(?:(?P<days>{_NUMBER})D)?"
    rf"(?:T(?=.)(?:(?P<hours>{_NUMBER})H)?(?:(?P<minutes>{_NUMBER})M)?(?:(?P<seconds>\d{{1,20}}(?:[.,]\d{{1,20}})?)S)?)?"
)
_FORMS = "Write {hours: 1}, '1h' or 'PT1H'."


def to_duration(value: JsonValue, *, bare_numbers: str | None = None) -> timedelta:
    """Return a span of time. Raise ``ValueError``, with the rule, for anything else, negative spans among it.

    ``bare_numbers`` is the unit of a plain number (``"milliseconds"``); without it a plain number is refused.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and bare_numbers is not None:
        return _sum({bare_numbers: to_float(value)})
    if isinstance(value, dict):
        return _from_object(value)
    if isinstance(value, str) and value.strip():
        text = value.strip()
        return _from_iso(text) if text.startswith("P") else _from_friendly(text)
    raise ValueError(f"must be a duration, not {describe_type(value)}. {_FORMS}")


def format_duration(duration: timedelta) -> str:
    """Return the ISO 8601 form: ``PT1H30M``."""
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{duration.microseconds:06d}".rstrip("0") if duration.microseconds else ""
    date = f"{duration.days}D" if duration.days else ""
    time = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number)
    if seconds or fraction:
        time += f"{seconds}{fraction}S"
    return f"P{date}{'T' if time else ''}{time}" if date or time else "PT0S"


def _from_object(value: JsonObject) -> timedelta:
    known = ", ".join(_UNITS)
    unknown = [name for name in value if name not in _UNITS]
    if unknown:
        raise ValueError(f"is a duration with the unknown unit {', '.join(unknown)}. Use one or more of {known}.")
    if not value:
        raise ValueError(f"is a duration without a unit. Use one or more of {known}.")
    numbers = {}
    for unit, number in value.items():
        try:
            numbers[unit] = to_float(number)
        except ValueError as error:
            raise ValueError(f"is a duration whose {unit} {error}") from error
    return _sum(numbers)


def _from_iso(text: str) -> timedelta:
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError(f"must be a duration, not '{text}'. Write ISO 8601's form as in 'P2DT6H' or 'PT1M'.")
    return _sum({unit: float(number.replace(",", ".")) for unit, number in match.groupdict().items() if number})


def _from_friendly(text: str) -> timedelta:
    match = _FRIENDLY.fullmatch(text)
    if match is None or match["unit"].lower() not in _UNIT_NAMES:
        needs = "A plain number needs a unit" if re.fullmatch(r"[\d.]+", text) else "Write a number and one unit"
        raise ValueError(f"must be a duration, not '{text}'. {needs}, as in '30s', '2 hours' or '1d'.")
    return _sum({_UNIT_NAMES[match["unit"].lower()]: float(match["number"])})


def _sum(numbers: dict[str, float]) -> timedelta:
    if any(number < 0 for number in numbers.values()):
        raise ValueError(f"must not be a negative duration. {_FORMS}")
    try:
        return sum((_UNITS[unit] * number for unit, number in numbers.items()), timedelta())
    except OverflowError as error:
        raise ValueError("is a longer duration than can be counted. Use a shorter one.") from error
