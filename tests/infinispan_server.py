"""A server that answers as Infinispan's REST API does, as far as the portal uses it.

No Infinispan could be had to test against, so this follows the source of its server: the path is decoded before it
is split; POST refuses to replace; a lifetime that is absent or 0 means the cache's own, a negative one none; without
credentials the answer is 401 with the schemes that are offered.
"""

import base64
import hashlib
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote_plus, urlsplit

NONCE = "c29tZSBub25jZQ"


class InfinispanServer:
    """Run as a context manager. ``entries`` holds what is stored: ``{cache: {key: (value, deadline)}}``.

    ``scheme`` is the sign-in that is asked for: ``None``, ``"digest"`` or ``"basic"``. ``trouble`` is a status to
    answer everything with. ``requests`` records method, path and headers.
    """

    def __init__(self, *, scheme: str | None = None, default_lifetime: float | None = None) -> None:
        self.scheme = scheme
        self.username, self.password = "anna", "wonder/land"
        self.trouble: int | None = None
        self.default_lifetime = default_lifetime
        self.entries: dict[str, dict[str, tuple[bytes, float | None]]] = {"cache": {}, "portal cache": {}}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        handler = type("Handler", (_Handler,), {"state": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.port = self._http.server_address[1]

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: InfinispanServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.state.requests.append((self.command, self.path, dict(self.headers)))
        if not self._signed_in():
            self._answer(401, {"WWW-Authenticate": self._challenge()})
        elif self.state.trouble is not None:
            self._answer(self.state.trouble)
        else:
            self._answer(*self._dispatch(body))

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _handle  # noqa: N815 (the base class looks for these)

    def _dispatch(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(self.path)
        match unquote_plus(parts.path).split("/"):
            case ["", "rest", "v2", "caches", cache, key] if cache in self.state.entries:
                return self._entry(self.state.entries[cache], key, body)
            case ["", "rest", "v2", "caches", cache] if cache in self.state.entries and self.command == "POST":
                if parse_qs(parts.query).get("action") == ["clear"]:
                    self.state.entries[cache].clear()
                    return 204, {}, b""
        return 404, {}, b""

    def _entry(
        self, entries: dict[str, tuple[bytes, float | None]], key: str, body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        value, deadline = entries.get(key, (None, None))
        if deadline is not None and deadline <= time.monotonic():
            value = None
        if self.command in {"PUT", "POST"}:
            if "Content-Type" not in self.headers or self.headers["Key-Content-Type"] != "text/plain":
                return 400, {}, b"media types are missing"
            if self.command == "POST" and value is not None:
                return 409, {}, b"An entry already exists"
            entries[key] = (body, self._deadline())
            return 204, {}, b""
        if value is None:
            return 404, {}, b""
        if self.command == "DELETE":
            del entries[key]
            return 204, {}, b""
        return 200, {"Content-Type": self.headers["Accept"]}, value

    def _deadline(self) -> float | None:
        seconds = int(self.headers.get("timeToLiveSeconds") or 0)
        if seconds < 0:
            return None
        lifetime = seconds or self.state.default_lifetime
        return None if lifetime is None else time.monotonic() + lifetime

    def _signed_in(self) -> bool:
        given = self.headers.get("Authorization", "")
        if self.state.scheme is None:
            return True
        if self.state.scheme == "basic":
            pair = f"{self.state.username}:{self.state.password}"
            return given == "Basic " + base64.b64encode(pair.encode()).decode()
        fields = {name: quoted or bare for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', given)}
        secret = _md5(f"{self.state.username}:ApplicationRealm:{self.state.password}")
        request = _md5(f"{self.command}:{self.path}")
        expected = _md5(f"{secret}:{NONCE}:{fields.get('nc')}:{fields.get('cnonce')}:auth:{request}")
        return given.startswith("Digest ") and fields["response"] == expected

    def _challenge(self) -> str:
        if self.state.scheme == "basic":
            return 'Basic realm="ApplicationRealm"'
        return f'Digest realm="ApplicationRealm", qop="auth", nonce="{NONCE}", algorithm=MD5'

    def _answer(self, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
