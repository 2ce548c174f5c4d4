"""The http auth service: who sent this request?"""

from portal.services.http_auth.base import HttpAuthService
from portal.services.http_auth.requests import RequestAuth

__all__ = ["HttpAuthService", "RequestAuth"]
