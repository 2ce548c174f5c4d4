"""The configuration of this process: one at a time, replaced as a whole."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from portal.config.config import Config
from portal.config.sources import Layer
from portal.errors import ConfigError

_lock = threading.Lock()
_current: Config | None = None
#: Who asked to be told of changes, and whether also of those that come while the process works.
_listeners: dict[Callable[[], object], bool] = {}
_trial: ContextVar[Config | None] = ContextVar("configuration on trial", default=None)


def current() -> Config:
    """Return the process's configuration. Raise ``ConfigError`` before settings have loaded it."""
    if (tried := _trial.get()) is not None:
        return tried
    if _current is None:
        raise ConfigError(
            "The configuration was read before it was loaded. Read it in a function, or after Django's settings."
        )
    return _current


def set_current(config: Config) -> None:
    """Make ``config`` the process's configuration, and tell those who asked with ``on_change``."""
    _replace(config)


def follow(config: Config) -> None:
    """Make ``config`` the process's configuration while it works, and tell those who asked to be told of that too."""
    _replace(config, at_work=True)


@contextmanager
def trial(config: Config) -> Iterator[None]:
    """Let ``config`` be the current one for this thread alone, to find out what would be wrong with it.

    What is made from it in the meantime may not be kept: see ``on_trial``.
    """
    token = _trial.set(config)
    try:
        yield
    finally:
        _trial.reset(token)


def on_trial() -> bool:
    """Say whether this thread only tries a configuration out."""
    return _trial.get() is not None


def on_change(callback: Callable[[], object], *, at_work: bool = True) -> Callable[[], None]:
    """Have ``callback`` called after each change of the process's configuration; the returned function undoes that.

    With ``at_work`` False it isn't told of what a changed file brings while the process works, which is for what can't
    be made anew then.

    It is called in the thread that makes the change, and reads ``current()`` itself. All callbacks are called even if
    one raises; their exceptions come out of the change as an ``ExceptionGroup``.
    """
    with _lock:
        _listeners[callback] = at_work

    def forget() -> None:
        with _lock:
            _listeners.pop(callback, None)

    return forget


@contextmanager
def override_config(tree: Mapping[str, Any]) -> Iterator[Config]:
    """Lay ``tree`` over the process's configuration, for tests: a context manager, and a decorator of functions.

    It is merged as a further layer would be, so a null hides what is below; variables are not substituted. It applies
    to every thread, and may be nested.
    """
    before = _current
    config = (before or Config()).with_layer(Layer("override_config()", dict(tree)))
    try:
        _replace(config)
        yield config
    finally:
        _replace(before)


def _replace(config: Config | None, *, at_work: bool = False) -> None:
    global _current  # noqa: PLW0603 (the one place that holds it)
    with _lock:
        _current = config
        listeners = [callback for callback, follows in _listeners.items() if follows or not at_work]
    failures = []
    # Without the lock: a callback may wait for somebody who registers one.
    for callback in listeners:
        try:
            callback()
        except Exception as error:  # noqa: BLE001 (raised below, when the others have been told)
            failures.append(error)
    if failures:
        raise ExceptionGroup("Not everything could follow the change of the configuration.", failures)
