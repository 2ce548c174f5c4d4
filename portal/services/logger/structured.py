"""Logging through structlog and the standard library: words on a terminal, JSON in production, no secrets in either."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

from portal.config import current
from portal.errors import ConfigError
from portal.services.logger.base import LoggerService, PluginLogger

#: Control characters, and those that turn the direction of writing.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_STEERING_LINES_KEPT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
#: What makes structlog quote a value.
_QUOTED = frozenset(" \t=\r\n\"'")
#: The fields that tracebacks stand in.
TRACEBACKS = {"exception", "stack"}
LEVELS = {"debug": "DEBUG", "info": "INFO", "warn": "WARNING", "warning": "WARNING", "error": "ERROR"}


def redact_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put ``***`` in the place of every secret that the configuration holds; a structlog processor."""
    secrets = sorted((secret for secret in current().secrets() if len(secret) > 1), key=len, reverse=True)
    return _redact(event, secrets) if secrets else event


def escape_controls(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Write out what would steer a terminal or begin a line of its own: texts come from files that anybody wrote.

    A structlog processor. Tracebacks keep their lines; values that the renderer puts into quotes are safe by that.
    """
    for name, value in event.items():
        if isinstance(value, str) and (name == "event" or name in TRACEBACKS or not _QUOTED & set(value)):
            steering = _STEERING_LINES_KEPT if name in TRACEBACKS else _STEERING
            event[name] = steering.sub(lambda match: match[0].encode("unicode_escape").decode(), value)
    return event


def drop_django_objects(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave out what Django attaches to its lines for handlers of its own: requests, sockets, times; a processor."""
    for name in ("request", "server_time"):
        event.pop(name, None)
    return event


def _redact(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, "***")
        return value
    if isinstance(value, dict):
        return {key: _redact(item, secrets) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redact(item, secrets) for item in value]
    # What isn't JSON is logged by its repr: a URL object holds a password as well as its text does.
    text = repr(value)
    return _redact(text, secrets) if any(secret in text for secret in secrets) else value


def _shared_processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        drop_django_objects,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def level_from(environ_level: str, config_level: str) -> str:
    """Return the root level: the environment's ``LOG_LEVEL`` beats ``backend.logger.level``; either may be empty."""
    asked = (environ_level or config_level or "info").lower()
    if asked not in LEVELS:
        where = "LOG_LEVEL" if environ_level else "backend.logger.level"
        raise ConfigError(f"{where} is '{asked}'; it must be one of {', '.join(LEVELS)}.")
    return LEVELS[asked]


def logging_config(level: str, *, as_json: bool) -> dict[str, Any]:
    """Return Django's ``LOGGING``: everything goes to standard error, through the same processors."""
    renderer: list[Any] = (
        [structlog.processors.format_exc_info, redact_secrets, structlog.processors.JSONRenderer()]
        if as_json
        else [
            structlog.processors.format_exc_info,
            redact_secrets,
            escape_controls,
            structlog.dev.ConsoleRenderer(colors=False),
        ]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _shared_processors(),
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "level": level, "propagate": False},
            "django": {"handlers": [], "level": level, "propagate": True},
            # One line for each job that ran is noise: the scheduler logs what went wrong, and health shows the rest.
            "huey": {"level": "WARNING"},
            "httpx2": {"level": "WARNING"},
        },
    }


class StructuredLogger(LoggerService):
    """structlog on top of ``logging``, under the logger names ``portal.<plugin>``."""

    def __init__(self) -> None:
        structlog.configure(
            processors=[
                structlog.stdlib.filter_by_level,
                *_shared_processors(),
                structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
            ],
            logger_factory=structlog.stdlib.LoggerFactory(),
            wrapper_class=structlog.stdlib.BoundLogger,
            cache_logger_on_first_use=False,
        )

    def for_plugin(self, plugin_id: str) -> PluginLogger:
        """Return a logger whose lines say ``plugin=<id>``."""
        bound: PluginLogger = structlog.stdlib.get_logger(f"portal.{plugin_id}").bind(plugin=plugin_id)
        return bound

    def is_enabled(self, plugin_id: str, level: str) -> bool:
        """Ask the standard library, which remembers the answer."""
        return logging.getLogger(f"portal.{plugin_id}").isEnabledFor(getattr(logging, LEVELS[level]))


__all__ = ["StructuredLogger", "level_from", "logging_config", "redact_secrets"]
