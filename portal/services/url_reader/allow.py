"""``backend.reading.allow``: which plain URLs may be read."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urlsplit

from portal.config import Config
from portal.errors import InputError

KEY = "backend.reading.allow"
DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[^:\[\]]+)(?::(?P<first>\d{1,5})(?:-(?P<last>\d{1,5}))?)?", re.IGNORECASE)


@dataclass(frozen=True)
class AllowedTarget:
    """One entry: a host or ``*.domain``, the ports, and the paths at or below which URLs may be read."""

    host: str
    #: None: the scheme's own port only.
    ports: tuple[int, int] | None
    #: None: every path.
    paths: tuple[str, ...] | None

    def allows(self, url: SplitResult) -> bool:
        """Say whether this entry lets a URL through."""
        return self._allows_host(url.hostname or "") and self._allows_port(url) and self._allows_path(url.path)

    def _allows_host(self, host: str) -> bool:
        return host.endswith(self.host[1:]) if self.host.startswith("*.") else host == self.host

    def _allows_port(self, url: SplitResult) -> bool:
        usual = DEFAULT_PORTS[url.scheme]
        port = url.port or usual
        if self.ports is None:
            return port == usual
        return self.ports[0] <= port <= self.ports[1]

    def _allows_path(self, path: str) -> bool:
        if self.paths is None:
            return True
        target = _normalised(path)
        return any(target == allowed or target.startswith(f"{allowed.rstrip('/')}/") for allowed in self.paths)


@lru_cache(maxsize=2)
def read_allowed(config: Config) -> tuple[AllowedTarget, ...]:
    """Read the list from the configuration. Raises ``ConfigError`` naming file, key and rule."""
    return tuple(_read(entry) for entry in config.children(KEY))


def split_url(url: str) -> SplitResult:
    """Take a URL apart. Raises ``InputError`` unless it is absolute, http(s), and has a usable host and port."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in DEFAULT_PORTS and parts.hostname and parts.port != 0
    except ValueError as error:
        raise InputError(f"{url} is not a valid URL: {error}") from error
    if "@" in parts.netloc:
        # The URL isn't repeated: it would carry the password into logs and onto pages.
        raise InputError(
            f"A URL on {parts.hostname} holds a user name or password, which isn't allowed. Leave them out."
        )
    if not valid:
        raise InputError(
            f"{url} is not a URL that can be read: it must start with http:// or https:// and name a host."
        )
    return parts


def _read(entry: Config) -> AllowedTarget:
    text = entry.get_str("host").lower()
    match = _HOST.fullmatch(text)
    if match is None:
        raise entry.error("host", "must be a host, with :port or :from-to if need be, as in 'example.com:8080'.")
    host = match["host"].strip("[]")
    if "*" in host.removeprefix("*.") or not host.removeprefix("*."):
        raise entry.error("host", "may have '*.' at its start and no other wildcard. Write '*.example.com'.")
    ports = None
    if match["first"]:
        first, last = int(match["first"]), int(match["last"] or match["first"])
        if not 0 < first <= last <= 65535:
            raise entry.error("host", "has a port or a range of ports that isn't one. Write ':8080' or ':8000-8999'.")
        ports = (first, last)
    paths = entry.get_strings("paths", default=None)
    if paths is not None and not all(path.startswith("/") for path in paths):
        raise entry.error("paths", "must be paths that start with '/'.")
    return AllowedTarget(host, ports, None if paths is None else tuple(unquote(path) for path in paths))


def _normalised(path: str) -> str:
    """Return the path that a server might make of this one: ``..`` resolved, however it is written."""
    decoded = unquote(path).replace("\\", "/")
    normalised = posixpath.normpath(f"/{decoded.lstrip('/')}")
    return f"{normalised}/" if decoded.endswith("/") and normalised != "/" else normalised
