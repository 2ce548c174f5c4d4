"""The health service: is the process alive, and may it be sent requests?"""

from portal.services.health.base import Check, HealthService, Readiness
from portal.services.health.checked import CheckedHealth

__all__ = ["Check", "CheckedHealth", "HealthService", "Readiness"]
