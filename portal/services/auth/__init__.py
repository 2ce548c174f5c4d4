"""The auth service: whose token is it?"""

from portal.services.auth.base import AuthService
from portal.services.auth.configured import ConfiguredAuth

__all__ = ["AuthService", "ConfiguredAuth"]
