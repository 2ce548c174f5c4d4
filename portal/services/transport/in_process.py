"""Requests to plugins of the same process: the real WSGI application, without a network.

They run on a thread of their own. On the caller's thread the end of the inner request would close the
caller's database connections, in the middle of its transaction; and a request to one's own port dead-locks a
server with one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from queue import Empty, SimpleQueue
from typing import Any

from django.apps import apps
from django.core.handlers.wsgi import WSGIHandler

from portal import http_client
from portal.errors import ServiceUnavailableError
from portal.services.discovery import own_base_url
from portal.services.scheduler.threads import ThreadPool
from portal.services.transport.base import TransportService
from portal.services.transport.http import HttpTransport
from portal.services.transport.response import Headers, Response

#: What is in a request's environment (``request.META``) if it came this way.
IN_PROCESS = "portal.in_process"

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class InProcessTransport(TransportService):
    """Calls this process's application, with its own connections and transactions: as honest as a network.

    Plugins that aren't installed here are reached over the network, where ``discovery`` says they are; so
    moving one to another deployment is a change of configuration. ``application`` and ``remote`` are for
    tests.
    """

    def __init__(self, *, application: WsgiApplication | None = None, remote: TransportService | None = None) -> None:
        self._application = application
        self._remote = remote or HttpTransport()
        self._pool = ThreadPool("transport")

    @cached_property
    def _client(self) -> http_client.Client:
        application = self._application or WSGIHandler()
        return http_client.new_client(
            transport=http_client.WSGITransport(_with_wsgi_environ(application), raise_app_exceptions=False)
        )

    def _send(
        self, plugin_id: str, method: str, path: str, headers: dict[str, str], content: bytes, timeout: float
    ) -> Response:
        if not _installed(plugin_id):
            return self._remote._send(plugin_id, method, path, headers, content, timeout)
        url = f"{own_base_url(plugin_id)}{path}"
        outcome: SimpleQueue[Response | BaseException] = SimpleQueue()

        def call() -> None:
            try:
                answer = self._client.request(method, url, headers=headers, content=content)
                outcome.put(Response(answer.status_code, Headers(answer.headers), answer.content))
            except BaseException as error:  # noqa: BLE001 - raised again where the request was made
                outcome.put(error)

        self._pool.spawn(call, f"transport:{plugin_id}")
        try:
            result = outcome.get(timeout=timeout)
        except Empty:
            raise ServiceUnavailableError(f"Plugin '{plugin_id}' didn't answer within {timeout:g} seconds.") from None
        if isinstance(result, BaseException):
            raise result
        return result

    def close(self) -> None:
        """Let idle threads go."""
        self._pool.close()
        self.__dict__.pop("_client", None)
        self._remote.close()


def _installed(plugin_id: str) -> bool:
    return any(getattr(app, "plugin_id", None) == plugin_id for app in apps.get_app_configs())


def _with_wsgi_environ(application: WsgiApplication) -> WsgiApplication:
    """Give the environment what WSGI wants, and say that no thread of a server is behind the request.

    A path is the bytes of its UTF-8, each as one Latin-1 character (PEP 3333).
    """

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["PATH_INFO"] = environ["PATH_INFO"].encode().decode("latin-1")
        environ[IN_PROCESS] = True
        return application(environ, start_response)

    return wrapped
