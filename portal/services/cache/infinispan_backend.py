"""Infinispan, through version 2 of its server's REST API.

One entry is ``/rest/v2/caches/<cache>/<key>``: GET, PUT, DELETE, and POST, which refuses to replace (409). Its
lifetime is a header in whole seconds. ``docs/adr`` says why this and neither Hot Rod nor RESP.
"""

from __future__ import annotations

import base64
import json
import math
import pickle
import ssl
from collections.abc import Generator
from typing import Any
from urllib.parse import quote

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.utils.module_loading import import_string

from portal import http_client
from portal.services.cache.degrading import Degrading

UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT = 401, 403, 404, 409
#: Without a lifetime an entry gets the one that the cache on the server is configured with.
FOR_EVER = "-1"


class InfinispanUnavailable(Exception):
    """The server can't be reached, is in trouble, or doesn't let us in."""


class InfinispanRefused(Exception):
    """The server doesn't do what was asked."""


class PickledText:
    """A serialiser for any Python value that yields JSON text: the server may convert what it stores."""

    def dumps(self, value: Any) -> bytes:
        """Return a JSON string that holds the pickled value."""
        return json.dumps(base64.b64encode(pickle.dumps(value)).decode()).encode()

    def loads(self, value: bytes) -> Any:
        """Return the value."""
        return pickle.loads(base64.b64decode(json.loads(value)))


class AskedAuth(http_client.Auth):
    """Shows the password in the way that the server asks for: Digest if it offers that, Basic otherwise."""

    def __init__(self, username: str, password: str) -> None:
        self._digest = http_client.DigestAuth(username, password)
        self._basic = http_client.BasicAuth(username, password)
        self._chosen: http_client.Auth | None = None

    def auth_flow(self, request: http_client.Request) -> Generator[http_client.Request, http_client.Response, None]:
        """Send the request, again with credentials if the server wants them, and with them at once from then on."""
        if self._chosen is None:
            response = yield request
            if response.status_code != UNAUTHORIZED:
                return
            offers = response.headers.get("WWW-Authenticate", "").lower()
            self._chosen = self._digest if "digest" in offers else self._basic
        yield from self._chosen.auth_flow(request)


class InfinispanRest(BaseCache):
    """A cache on Infinispan servers. ``LOCATION`` lists their URLs, without credentials; any of them will do.

    ``OPTIONS``: ``CACHE`` (its name on the servers), ``MEDIA_TYPE`` of values, ``SECONDS`` to wait for connections
    and answers, ``USERNAME`` and ``PASSWORD``, ``CA_FILES`` to trust instead of the usual ones, ``SERIALIZER``.
    """

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(params)
        options = params["OPTIONS"]
        self._servers = [server] if isinstance(server, str) else list(server)
        self._turn = 0
        self._path = f"/rest/v2/caches/{quote(options['CACHE'], safe='')}"
        self._media_type = options["MEDIA_TYPE"]
        self._serializer = import_string(options["SERIALIZER"])() if "SERIALIZER" in options else PickledText()
        self._client = http_client.Client(
            auth=AskedAuth(options["USERNAME"], options["PASSWORD"]) if options.get("USERNAME") else None,
            verify=self._verify(options.get("CA_FILES")),
            timeout=options["SECONDS"],
            trust_env=False,
            headers={"Key-Content-Type": "text/plain", "Accept": self._media_type},
        )

    def __del__(self) -> None:
        # Django makes a backend for each thread and drops it with the thread.
        if client := getattr(self, "_client", None):
            client.close()

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or ``default``."""
        answer = self._ask("GET", self._entry(key, version), NOT_FOUND)
        return default if answer.status_code == NOT_FOUND else self._serializer.loads(answer.content)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep the value."""
        lifetime = self._lifetime(timeout)
        if lifetime == "0":
            self.delete(key, version)
        else:
            self._send("PUT", key, value, lifetime, version)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep the value unless there is one; say whether it was kept."""
        lifetime = self._lifetime(timeout)
        if lifetime == "0":
            return not self.has_key(key, version)
        return self._send("POST", key, value, lifetime, version).status_code != CONFLICT

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Give the value a new time to live, by writing it again; say whether there is one."""
        missing = object()
        value = self.get(key, missing, version)
        if value is missing:
            return False
        self.set(key, value, timeout, version)
        return True

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget the value; say whether there was one."""
        return self._ask("DELETE", self._entry(key, version), NOT_FOUND).status_code != NOT_FOUND

    def clear(self) -> None:
        """Forget everything in this cache on the server."""
        self._ask("POST", f"{self._path}?action=clear")

    def _verify(self, ca_files: list[str] | None) -> ssl.SSLContext | bool:
        if not self._servers[0].startswith("https:"):
            return False
        context = ssl.create_default_context()
        for file in ca_files or ():
            context.load_verify_locations(file)
        return context

    def _lifetime(self, timeout: Any) -> str:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return FOR_EVER if seconds is None else str(max(0, math.ceil(seconds)))

    def _entry(self, key: Any, version: int | None) -> str:
        # The server decodes the path before it splits it, and takes "+" for a space: "~" stands in for "%".
        name = quote(self.make_and_validate_key(key, version=version), safe=":=").replace("~", "%7E")
        return f"{self._path}/{name.replace('%', '~')}"

    def _send(self, method: str, key: Any, value: Any, lifetime: str, version: int | None) -> http_client.Response:
        headers = {"Content-Type": self._media_type, "timeToLiveSeconds": lifetime}
        content = self._serializer.dumps(value)
        return self._ask(method, self._entry(key, version), CONFLICT, content=content, headers=headers)

    def _ask(self, method: str, path: str, *expected: int, **options: Any) -> http_client.Response:
        """Return the answer if it is a success, or has one of the ``expected`` statuses."""
        server = self._servers[self._turn % len(self._servers)]
        try:
            answer = self._client.request(method, f"{server}{path}", **options)
        except http_client.TransportError as error:
            self._turn += 1
            if isinstance(error, http_client.TimeoutException):
                raise TimeoutError(f"no answer from {server} in time") from error
            raise InfinispanUnavailable(f"{server}: {error}") from error
        if answer.is_success or answer.status_code in expected:
            return answer
        reason = f"{server} answered {method} on {self._path} with {answer.status_code}"
        if answer.is_server_error or answer.status_code in {UNAUTHORIZED, FORBIDDEN}:
            raise InfinispanUnavailable(reason)
        raise InfinispanRefused(reason)


class InfinispanCache(Degrading, InfinispanRest):
    """The same without exceptions."""

    outages = (InfinispanUnavailable, TimeoutError)
    refusals = (InfinispanRefused,)
