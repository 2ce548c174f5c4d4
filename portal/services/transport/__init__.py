"""The transport service: how one plugin's request reaches another plugin."""

from portal.services.transport.base import TransportService
from portal.services.transport.http import HttpTransport
from portal.services.transport.in_process import InProcessTransport
from portal.services.transport.response import Response
from portal.services.transport.test_client import TestClientTransport

__all__ = ["HttpTransport", "InProcessTransport", "Response", "TestClientTransport", "TransportService"]
