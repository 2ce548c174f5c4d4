"""Contract of the logger service (Backstage's ``core.rootLogger`` and ``core.logger``)."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Protocol, Self

from portal.services.base import Service


class PluginLogger(Protocol):
    """A logger: an event in words, and fields that a machine can read."""

    def debug(self, event: str, **fields: Any) -> Any:
        """Log what only somebody hunting a fault wants to see."""

    def info(self, event: str, **fields: Any) -> Any:
        """Log that something happened as it should."""

    def warning(self, event: str, **fields: Any) -> Any:
        """Log something that somebody should look at, though it works."""

    def error(self, event: str, **fields: Any) -> Any:
        """Log that something failed."""

    def exception(self, event: str, **fields: Any) -> Any:
        """Log that something failed, with the traceback of the exception being handled."""

    def bind(self, **fields: Any) -> Self:
        """Return a logger that adds these fields to every line (Backstage's ``child``)."""


class LoggerService(Service):
    """Gives each plugin a logger that bears its id; used directly, it logs for the core."""

    service_name = "logger"

    @abstractmethod
    def for_plugin(self, plugin_id: str) -> PluginLogger:
        """Return the plugin's logger."""

    def is_enabled(self, plugin_id: str, level: str) -> bool:
        """Say whether the plugin's lines of a level (the name of a method, such as ``debug``) are written at all.

        For those to whom the fields of a line are work. A logger that doesn't know says yes.
        """
        return True

    def debug(self, event: str, **fields: Any) -> None:
        """Log for the core, as ``PluginLogger.debug``."""
        self.for_plugin("app").debug(event, **fields)

    def info(self, event: str, **fields: Any) -> None:
        """Log for the core, as ``PluginLogger.info``."""
        self.for_plugin("app").info(event, **fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Log for the core, as ``PluginLogger.warning``."""
        self.for_plugin("app").warning(event, **fields)

    def error(self, event: str, **fields: Any) -> None:
        """Log for the core, as ``PluginLogger.error``."""
        self.for_plugin("app").error(event, **fields)

    def exception(self, event: str, **fields: Any) -> None:
        """Log for the core, as ``PluginLogger.exception``."""
        self.for_plugin("app").exception(event, **fields)
