"""Audit events as lines of the log, marked so that a collector can part them from the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.checks import CheckMessage, Error
from django.http import HttpRequest

from portal.config import current
from portal.credentials import UserPrincipal, credentials_of
from portal.errors import ConfigError
from portal.services import logger
from portal.services.auditor.base import AuditEvent, AuditorService, PluginAuditor, Severity

WHERE = "backend.auditor.severityLogLevelMappings"
DEFAULT_LEVELS: dict[str, str] = {"low": "debug", "medium": "info", "high": "info", "critical": "info"}
LEVELS = ("debug", "info", "warning", "error")


class LoggedAuditor(AuditorService):
    """Writes two lines for each event, ``initiated`` and then ``succeeded`` or ``failed``.

    ``backend.auditor.severityLogLevelMappings`` says at which level: by default ``low`` is ``debug``.
    """

    def __init__(self) -> None:
        self._levels: dict[str, str] | None = None

    def for_plugin(self, plugin_id: str) -> PluginAuditor:
        """Return the plugin's auditor."""
        if self._levels is None:
            self._levels = _levels()
        return _PluginAuditor(plugin_id, self._levels)

    def check(self) -> list[CheckMessage]:
        """Find levels that don't exist."""
        try:
            _levels()
        except ConfigError as error:
            return [Error(error.message, id="portal.E331")]
        return []


def _levels() -> dict[str, str]:
    given = current().get(WHERE, {})
    levels = {**DEFAULT_LEVELS, **given} if isinstance(given, Mapping) else {}
    levels = {severity: "warning" if level == "warn" else level for severity, level in levels.items()}
    if levels.keys() != DEFAULT_LEVELS.keys() or not set(levels.values()) <= set(LEVELS):
        raise ConfigError(
            f"{WHERE} must map {', '.join(DEFAULT_LEVELS)} to one of debug, info, warn, error; nothing else."
        )
    return levels


class _PluginAuditor:
    def __init__(self, plugin_id: str, levels: Mapping[str, str]) -> None:
        self._plugin_id = plugin_id
        self._levels = levels

    def create_event(
        self,
        event_id: str,
        *,
        severity: Severity = "low",
        request: HttpRequest | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> AuditEvent:
        level = self._levels[severity]
        if not logger.is_enabled(self._plugin_id, level):
            return UNHEARD
        fields = {
            "isAuditEvent": True,
            "eventId": event_id,
            "severityLevel": severity,
            "actor": _actor(request, self._plugin_id),
            **({"request": {"method": request.method, "url": request.get_full_path()}} if request else {}),
        }
        write = getattr(logger.for_plugin(self._plugin_id), level)
        event = _LoggedEvent(write, f"{self._plugin_id}.{event_id}", fields, meta or {})
        event.write("initiated", {})
        return event


class _UnheardEvent:
    """An event at a level that isn't logged: most of them, for reads are of low severity."""

    def success(self, meta: Mapping[str, Any] | None = None) -> None:
        pass

    def fail(self, error: BaseException | str, meta: Mapping[str, Any] | None = None) -> None:
        pass


UNHEARD = _UnheardEvent()


class _LoggedEvent:
    def __init__(
        self, write: Callable[..., Any], name: str, fields: Mapping[str, Any], meta: Mapping[str, Any]
    ) -> None:
        self._write = write
        self._name = name
        self._fields = fields
        self._meta = meta

    def write(self, status: str, meta: Mapping[str, Any], **more: Any) -> None:
        self._write(self._name, **self._fields, status=status, meta={**self._meta, **meta}, **more)

    def success(self, meta: Mapping[str, Any] | None = None) -> None:
        self.write("succeeded", meta or {})

    def fail(self, error: BaseException | str, meta: Mapping[str, Any] | None = None) -> None:
        self.write("failed", meta or {}, error=str(error))


def _actor(request: HttpRequest | None, plugin_id: str) -> dict[str, Any]:
    if request is None:
        return {"actorId": f"plugin:{plugin_id}"}
    principal = credentials_of(request).principal
    actor: dict[str, Any] = {
        "actorId": principal.subject,
        "ip": request.META.get("REMOTE_ADDR", ""),
        "hostname": request.get_host(),
        "userAgent": request.headers.get("User-Agent", ""),
    }
    if isinstance(principal, UserPrincipal) and principal.actor:
        actor["actingFor"] = principal.actor
    return actor
