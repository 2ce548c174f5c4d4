"""The configuration of this process: one at a time, replaced as a whole."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from portal.config.config import Config
from portal.config.sources import Layer
from portal.errors import ConfigError

_lock = threading.Lock()
_current: Config | None = None
_listeners: list[Callable[[], object]] = []


def current() -> Config:
    """Return the process's configuration. Raise ``ConfigError`` before settings have loaded it."""
    if _current is None:
        raise ConfigError(
            "The configuration was read before it was loaded. Read it in a function, or after Django's settings."
        )
    return _current


def set_current(config: Config) -> None:
    """Make ``config`` the process's configuration, and tell those who asked with ``on_change``."""
    _replace(config)


def on_change(callback: Callable[[], object]) -> Callable[[], None]:
    """Have ``callback`` called after each change of the process's configuration; the returned function undoes that.

    It is called in the thread that makes the change, and reads ``current()`` itself. All callbacks are called even if
    one raises; their exceptions come out of the change as an ``ExceptionGroup``.
    """
    with _lock:
        _listeners.append(callback)

    def forget() -> None:
        with _lock:
            if callback in _listeners:
                _listeners.remove(callback)

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


def _replace(config: Config | None) -> None:
    global _current  # noqa: PLW0603 (the one place that holds it)
    with _lock:
        _current = config
        listeners = tuple(_listeners)
    failures = []
    # Without the lock: a callback may wait for somebody who registers one.
    for callback in listeners:
        try:
            callback()
        except Exception as error:  # noqa: BLE001 (raised below, when the others have been told)
            failures.append(error)
    if failures:
        raise ExceptionGroup("Not everything could follow the change of the configuration.", failures)
