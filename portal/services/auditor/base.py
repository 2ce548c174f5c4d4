"""Contract of the auditor service (Backstage's ``core.auditor``)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Literal, Protocol

from django.http import HttpRequest

from portal.services.base import Service

#: ``low`` for what is read or tried, ``medium`` for what changes something, higher for what is worth an alarm.
Severity = Literal["low", "medium", "high", "critical"]


class AuditEvent(Protocol):
    """Something that somebody has begun to do. It ends with one of the two calls; ``meta`` is added to the event's."""

    def success(self, meta: Mapping[str, Any] | None = None) -> None:
        """Note that it was done."""

    def fail(self, error: BaseException | str, meta: Mapping[str, Any] | None = None) -> None:
        """Note that it failed, and why."""


class PluginAuditor(Protocol):
    """The auditor of one plugin."""

    def create_event(
        self,
        event_id: str,
        *,
        severity: Severity = "low",
        request: HttpRequest | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> AuditEvent:
        """Note that something begins: ``event_id`` names the kind (``location-mutate``), ``meta`` the particulars.

        The actor comes from the request; without one it is the plugin itself.
        """


class AuditorService(Service):
    """Keeps a record that people outside the team can rely on."""

    service_name = "auditor"

    @abstractmethod
    def for_plugin(self, plugin_id: str) -> PluginAuditor:
        """Return the plugin's auditor."""
