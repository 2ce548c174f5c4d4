"""Following the files of the configuration while a process works: no restart for what needs none."""

from __future__ import annotations

import threading

from django.conf import settings
from django.core.checks import ERROR, CheckMessage, run_checks

from portal.config import Config, ConfigSource, all_sections, changed_keys, current, follow, trial
from portal.config.files import Fingerprint, file_state
from portal.errors import ConfigError
from portal.services import health, lifecycle, logger

#: Seconds between two looks at the files.
INTERVAL = 1.0
#: The checks that a changed configuration has to pass, by their tags.
CHECKS = ("configuration", "services", "extensions")
#: The name of the watcher's health check.
CHECK = "configuration"


class ConfigWatcher:
    """Looks at the files every second, and has the process follow what they say once they are at rest.

    Every process has one. A look is a ``stat`` for each file, which also works on the mounted volumes of containers,
    where no notice of a change is given. Files that can't be read, or whose values break a rule, leave the process
    with the configuration that it has.
    """

    def __init__(self, source: ConfigSource, *, interval: float = INTERVAL) -> None:
        self._source = source
        self._interval = interval
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._moving: Fingerprint = ()
        self._problem: str | None = None

    def start(self) -> None:
        """Begin to look, on a thread."""
        self._thread = threading.Thread(target=self._watch, name="configuration", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=self._interval + 1)

    def problem(self) -> str | None:
        """Say that the files can't be followed; not why, for anybody may read it. The log has the rest."""
        return self._problem

    def look(self) -> None:
        """Look once. A change is read at the first look that finds the files as the one before it did.

        An editor empties a file before it fills it, and an empty file would be a sound configuration.
        """
        if not self._source.changed():
            self._moving = ()
            return
        state = tuple((path, file_state(path)) for path, _ in self._source.fingerprint)
        if state != self._moving:
            self._moving = state
            return
        self._moving = ()
        self._read()

    def _watch(self) -> None:
        while not self._stopped.wait(self._interval):
            try:
                self.look()
            except Exception:  # noqa: BLE001 (the next look may go well)
                logger.for_plugin("app").exception("The files of the configuration couldn't be looked at")

    def _read(self) -> None:
        log = logger.for_plugin("app")
        try:
            candidate = self._source.load()
            faults = _new_faults(candidate)
        except ConfigError as error:
            faults = [error.message]
        if faults:
            self._problem = (
                "The changed configuration can't be used, so that this process goes on with the former one; its log "
                "says what is wrong."
            )
            log.error("The changed configuration can't be used; the former one stays", problems=faults)
            return
        changed = changed_keys(current(), candidate, all_sections())
        follow(candidate)
        if self._problem is not None:
            self._problem = None
            log.info("The configuration can be used again")
        if followed := [key.path for key in changed if not key.restart]:
            log.info("Following the changed configuration", keys=followed)
        if waiting := [key.path for key in changed if key.restart]:
            log.warning("Some of what has changed in the configuration takes effect after a restart", keys=waiting)


def watch_files() -> None:
    """Have this process follow its configuration from its start to its end. Called before its lifecycle starts."""
    watcher = ConfigWatcher(settings.PORTAL_CONFIG_SOURCE)
    lifecycle.on_startup(watcher.start)
    lifecycle.on_shutdown(watcher.stop)
    health.register(CHECK, watcher.problem, advisory=True)


def _new_faults(candidate: Config) -> list[str]:
    """Return what is wrong with a configuration and isn't with the one of now, in words."""
    known = _faults()
    with trial(candidate):
        return [f"{message.msg} ({message.id})" for message in _faults() if message not in known]


def _faults() -> list[CheckMessage]:
    return [message for message in run_checks(tags=CHECKS) if message.level >= ERROR]
