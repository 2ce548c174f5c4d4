"""When a task runs: at intervals, by a cron expression, or when somebody triggers it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from croniter import CroniterError, croniter
from django.utils import timezone

from portal.config.durations import format_duration, to_duration
from portal.errors import InputError

MANUAL = "manual"
#: A first run by cron is planned this much early, so that ``* * * * * *`` starts at once.
CRON_HEAD_START = timedelta(seconds=1)

#: A duration (``timedelta``, ``{"minutes": 5}``, ``"PT5M"``, ``"5m"``), a cron expression (text, or ``{"cron": …}``),
#: or ``"manual"`` (also ``{"trigger": "manual"}``).
Frequency = timedelta | str | Mapping[str, Any]


class Cadence(ABC):
    """A rule for start times. ``text`` is its form on the wire and in the database."""

    text: str

    @abstractmethod
    def first(self, now: datetime) -> datetime | None:
        """Return when a task that has never run starts; None for never by itself."""

    @abstractmethod
    def after_start(self, now: datetime) -> datetime | None:
        """Return the start that a restarted process would plan; an earlier one that is stored already stays."""

    @abstractmethod
    def following(self, planned: datetime, now: datetime) -> datetime | None:
        """Return the start after a run that was planned for ``planned`` and has ended ``now``."""


@dataclass(frozen=True)
class Interval(Cadence):
    """From start to start; a run that takes longer is followed by the next at once."""

    every: timedelta

    @property
    def text(self) -> str:  # type: ignore[override]
        """An ISO 8601 duration."""
        return format_duration(self.every)

    def first(self, now: datetime) -> datetime:
        """Start at once."""
        return now

    def after_start(self, now: datetime) -> datetime:
        """Start one interval from now."""
        return now + self.every

    def following(self, planned: datetime, now: datetime) -> datetime:
        """Start one interval after the last planned start, but not in the past."""
        return max(planned + self.every, now)


@dataclass(frozen=True)
class Cron(Cadence):
    """At the times of a cron expression of five fields, or six with seconds first, in the portal's time zone."""

    text: str

    def first(self, now: datetime) -> datetime:
        """Start a second before the next time, so at once if that is the next second."""
        return self._next(now) - CRON_HEAD_START

    def after_start(self, now: datetime) -> datetime:
        """Start at the next time."""
        return self._next(now)

    def following(self, planned: datetime, now: datetime) -> datetime:
        """Start at the next time. A run that had its head start doesn't get the same time again."""
        return self._next(max(now, planned + CRON_HEAD_START))

    def _next(self, moment: datetime) -> datetime:
        found: datetime = croniter(
            self.text, timezone.localtime(moment), ret_type=datetime, second_at_beginning=_has_seconds(self.text)
        ).get_next()
        return found


@dataclass(frozen=True)
class Manual(Cadence):
    """Only when it is triggered."""

    text: str = MANUAL

    def first(self, now: datetime) -> None:
        """Never start by itself."""

    after_start = first

    def following(self, planned: datetime, now: datetime) -> None:
        """Wait to be triggered again."""


def parse_frequency(frequency: Frequency) -> Cadence:
    """Return the cadence that a frequency means. Raises ``InputError`` that says which forms there are."""
    match frequency:
        case {"cron": str(expression), **others} if not others:
            return _cron(expression)
        case {"trigger": "manual"} | "manual":
            return Manual()
        case str() as text if " " in text.strip() or text.startswith("@"):
            return _cron(text)
        case timedelta() | str() | Mapping():
            return Interval(positive_duration(frequency, "The frequency"))
    raise InputError(
        f"The frequency {frequency!r} is neither a duration (such as 'PT5M' or {{minutes: 5}}), nor {{cron: …}}, "
        f"nor 'manual'."
    )


def as_duration(value: timedelta | str | Mapping[str, Any], what: str) -> timedelta:
    """Return a span of time in any of its forms. Raises ``InputError`` whose message starts with ``what``."""
    if isinstance(value, timedelta):
        return value
    try:
        return to_duration(dict(value) if isinstance(value, Mapping) else value)
    except ValueError as error:
        raise InputError(f"{what} {error}") from error


def positive_duration(value: timedelta | str | Mapping[str, Any], what: str) -> timedelta:
    """Return a span of time that is longer than nothing, like ``as_duration``."""
    duration = as_duration(value, what)
    if duration <= timedelta(0):
        raise InputError(f"{what} must be longer than nothing.")
    return duration


def _cron(expression: str) -> Cron:
    text = expression.strip()
    fields = len(text.split())
    try:
        if fields not in {5, 6} and not text.startswith("@"):
            raise InputError(
                f"The cron expression '{text}' has {fields} fields; it must have 5, or 6 with seconds first."
            )
        croniter(text, second_at_beginning=_has_seconds(text))
    except (CroniterError, ValueError) as error:
        raise InputError(f"The cron expression '{text}' isn't valid: {error}") from error
    return Cron(text)


def _has_seconds(expression: str) -> bool:
    return len(expression.split()) == 6
