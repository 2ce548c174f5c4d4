"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

from typing import NamedTuple

from portal.config import Key, Section


class ScmEventsConf(Section):
    """What the module `apps.catalog.modules.scm_events` does by what source hosts tell of their repositories."""

    prefix = "catalog"

    scm_events = Key.json(
        "scmEvents",
        default=False,
        help="`true` for all of it, or `{refresh, unregister, move}`, each `true` unless it is set: read what has "
        "changed again, unregister locations whose file or repository is gone, follow those that have moved.",
    )


conf = ScmEventsConf()


class Handling(NamedTuple):
    """What is done."""

    refresh: bool
    unregister: bool
    move: bool


def handling() -> Handling:
    """Return what is configured. Raises ``ConfigError``."""
    value = conf.scm_events
    if isinstance(value, bool):
        return Handling(value, value, value)
    if not isinstance(value, dict):
        raise conf.config.error("catalog.scmEvents", "must be true, false, or {refresh, unregister, move}.")
    section = conf.config.child("catalog.scmEvents")
    return Handling(*(section.get_bool(name, True) for name in Handling._fields))
