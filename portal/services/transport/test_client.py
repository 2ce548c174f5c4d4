"""Requests in tests: through Django's test client, on the test's own thread and inside its transaction."""

from __future__ import annotations

from portal.services.transport.base import TransportService
from portal.services.transport.response import Headers, Response


class TestClientTransport(TransportService):
    """Calls the application as ``django.test.Client`` does, so that a test's uncommitted rows are seen."""

    #: Not a test case, whatever its name makes pytest think.
    __test__ = False

    def _send(
        self, plugin_id: str, method: str, path: str, headers: dict[str, str], content: bytes, timeout: float
    ) -> Response:
        # Not above: every server loads this module, and none needs what Django has for tests.
        from django.test import Client

        client = Client(raise_request_exception=False)
        answer = client.generic(
            method,
            f"/api/{plugin_id}{path}",
            data=content,
            content_type=headers.get("Content-Type", "application/octet-stream"),
            headers={name: value for name, value in headers.items() if name.lower() != "content-type"},
        )
        body = answer.getvalue()
        return Response(answer.status_code, Headers(dict(answer.items())), body)
