"""What was asked for when a task was put on the schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from inspect import iscoroutinefunction
from typing import Any

from portal.config.durations import format_duration
from portal.errors import InputError
from portal.services.scheduler.base import Scope, TaskFunction
from portal.services.scheduler.cadence import Cadence, Frequency, as_duration, parse_frequency, positive_duration

#: The version of the settings' form on the wire and in the database, as in Backstage.
VERSION = 2
MAX_ID = 255


@dataclass(frozen=True)
class TaskSettings:
    """A scheduled task: what to run, when, for how long, and where."""

    id: str
    fn: TaskFunction
    cadence: Cadence
    timeout: timedelta
    initial_delay: timedelta
    scope: Scope
    listed: bool

    @classmethod
    def make(
        cls,
        *,
        id: str,
        fn: TaskFunction,
        frequency: Frequency,
        timeout: timedelta | str | Mapping[str, Any],
        initial_delay: timedelta | str | Mapping[str, Any] | None,
        scope: Scope,
        listed: bool = True,
    ) -> TaskSettings:
        """Check what a plugin gave. Raises ``InputError`` that names the task and the rule."""
        if not id.strip() or len(id) > MAX_ID:
            raise InputError(f"The task id {id!r} isn't valid: it must be a text of 1 to {MAX_ID} characters.")
        if iscoroutinefunction(fn):
            raise InputError(f"Scheduled task '{id}': fn must be an ordinary function that takes no arguments.")
        if scope not in {"global", "local"}:
            raise InputError(f"Scheduled task '{id}': scope is {scope!r}; it must be 'global' or 'local'.")
        try:
            return cls(
                id=id,
                fn=fn,
                cadence=parse_frequency(frequency),
                timeout=positive_duration(timeout, "The timeout"),
                initial_delay=as_duration(initial_delay or timedelta(0), "The initial delay"),
                scope=scope,
                listed=listed,
            )
        except InputError as error:
            raise InputError(f"Scheduled task '{id}': {error.message}") from error

    def wire(self) -> dict[str, Any]:
        """Return the form that is stored and sent."""
        delay = {"initialDelayDuration": format_duration(self.initial_delay)} if self.initial_delay else {}
        return {
            "version": VERSION,
            "cadence": self.cadence.text,
            **delay,
            "timeoutAfterDuration": format_duration(self.timeout),
        }


def read_schedule(value: object, *, where: str) -> dict[str, Any]:
    """Read a ``schedule`` from configuration: ``{frequency, timeout, initialDelay?, scope?}``.

    Returns keyword arguments for ``PluginScheduler.schedule``. Raises ``InputError`` naming ``where``, the
    dotted key.
    """
    if not isinstance(value, Mapping):
        raise InputError(
            f"{where} must be an object with frequency and timeout, such as {{frequency: {{minutes: 5}}, …}}."
        )
    names = {"frequency": "frequency", "timeout": "timeout", "initialDelay": "initial_delay", "scope": "scope"}
    unknown = sorted(set(value) - set(names))
    if unknown:
        raise InputError(f"{where} has the unknown key '{unknown[0]}'; it may have {', '.join(names)}.")
    missing = [name for name in ("frequency", "timeout") if name not in value]
    if missing:
        raise InputError(f"{where} lacks '{missing[0]}'.")
    arguments = {names[name]: item for name, item in value.items() if item is not None}
    try:
        TaskSettings.make(**{"initial_delay": None, "scope": "global", **arguments}, id=where, fn=lambda: None)
    except InputError as error:
        raise InputError(f"{where}: {error.message.partition(': ')[2]}") from error
    return arguments
