"""A real HTTP server in this process, and a way to reach it under any name."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from portal import http_client


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    host: str
    #: As it was written, with %XX.
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def segments(self) -> list[str]:
        """The path, taken apart and decoded."""
        return [unquote(segment) for segment in self.path.strip("/").split("/")]

    @property
    def authorization(self) -> str | None:
        """What it shows to be let in."""
        return self.headers.get("authorization")


@dataclass(frozen=True)
class Answer:
    """What is answered."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def answer_json(value: Any, status: int = 200, *, prefix: bytes = b"", **headers: str) -> Answer:
    """Answer in JSON."""
    named = {"Content-Type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(prefix + json.dumps(value).encode(), status, named)


class HttpServer:
    """Answers requests to any host with what ``respond`` returns, and keeps them in ``asked``."""

    def __init__(self, respond: Callable[[Asked], Answer]) -> None:
        self.asked: list[Asked] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # A person waits for nothing here.
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                query = dict(parse_qsl(parts.query, keep_blank_values=True))
                asked = Asked(
                    self.command, headers.get("host", ""), parts.path, query, headers, self.rfile.read(length)
                )
                outer.asked.append(asked)
                answer = respond(asked)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                body = b"" if answer.status == 304 or self.command == "HEAD" else answer.body
                if answer.status != 304 and "Content-Length" not in answer.headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815 (the standard library asks for it)

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.transport = Rerouted(self.port)

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop. Raises what went wrong in ``respond``."""
        self.transport.close_for_good()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self._server.errors:
            raise self._server.errors.pop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.errors: list[BaseException] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        # Who has read enough hangs up.
        if error is not None and not isinstance(error, ConnectionError):
            self.errors.append(error)


class Rerouted(http_client.BaseTransport):
    """Brings every request to a port of this machine, whatever host it is for; the ``Host`` header still says."""

    def __init__(self, port: int) -> None:
        self._port = port
        # Nothing is encrypted here, and to load certificates takes its time.
        self._wire = http_client.HTTPTransport(verify=False)

    def handle_request(self, request: http_client.Request) -> http_client.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return self._wire.handle_request(request)

    def close(self) -> None:
        """Keep the connections: the client that closes this isn't the only one."""

    def close_for_good(self) -> None:
        self._wire.close()
