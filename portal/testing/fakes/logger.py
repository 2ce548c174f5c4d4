"""A logger that remembers."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

from portal.services.logger.base import LoggerService


class LogLine(NamedTuple):
    """What was logged."""

    plugin_id: str
    level: str
    event: str
    fields: dict[str, Any]


class FakePluginLogger:
    """Writes into the lines of a ``FakeLogger``."""

    def __init__(self, lines: list[LogLine], plugin_id: str, bound: dict[str, Any]) -> None:
        self._lines = lines
        self._plugin_id = plugin_id
        self._bound = bound

    def debug(self, event: str, **fields: Any) -> None:
        """Remember a line for developers."""
        self._add("debug", event, fields)

    def info(self, event: str, **fields: Any) -> None:
        """Remember a line."""
        self._add("info", event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Remember a warning."""
        self._add("warning", event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """Remember an error."""
        self._add("error", event, fields)

    def exception(self, event: str, **fields: Any) -> None:
        """Remember an error with a traceback."""
        self._add("error", event, {"exc_info": True, **fields})

    def bind(self, **fields: Any) -> Self:
        """Return the same logger, whose lines all have these fields."""
        return type(self)(self._lines, self._plugin_id, {**self._bound, **fields})

    def _add(self, level: str, event: str, fields: dict[str, Any]) -> None:
        self._lines.append(LogLine(self._plugin_id, level, event, {**self._bound, **fields}))


class FakeLogger(LoggerService):
    """Keeps all ``lines`` that were logged while it took the place of the logger."""

    def __init__(self) -> None:
        self.lines: list[LogLine] = []

    def for_plugin(self, plugin_id: str) -> FakePluginLogger:
        """Return the plugin's logger."""
        return FakePluginLogger(self.lines, plugin_id, {})

    def events(self, *levels: str) -> list[str]:
        """Return what was logged, in order; ``levels`` leave the lines of these levels."""
        return [line.event for line in self.lines if not levels or line.level in levels]
