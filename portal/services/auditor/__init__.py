"""The auditor service: who did what, and whether it worked."""

from portal.services.auditor.base import AuditEvent, AuditorService, PluginAuditor, Severity
from portal.services.auditor.logged import LoggedAuditor

__all__ = ["AuditEvent", "AuditorService", "LoggedAuditor", "PluginAuditor", "Severity"]
