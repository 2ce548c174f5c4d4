"""What there is to know about a store before anybody connects to it.

Credentials are taken out of URLs and travel apart from them: a ``location`` is fit for logs and error pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.core.cache.backends.base import BaseCache
from django.utils.module_loading import import_string

from portal.errors import ConfigError
from portal.extras import install_command

#: A page may ask the cache several times, so nobody waits for it longer than this. Seconds.
PATIENCE = 0.5
#: Makes django-redis, pymemcache and our own backends store bytes as they are.
VERBATIM = "portal.services.cache.verbatim.Verbatim"

#: Makes the error about a connection that breaks a rule. The rule must not quote the connection.
Complain = Callable[[str], ConfigError]


@dataclass(frozen=True)
class CacheDefinition:
    """A Django cache backend: its dotted path, where the store is, and how to reach it.

    ``prefix`` goes before the plugin id in every key. ``verbatim`` are further options that make the backend store
    bytes as they are.
    """

    store: str
    backend: str
    location: str | list[str]
    options: dict[str, Any] = field(default_factory=dict, repr=False)
    verbatim: dict[str, Any] = field(default_factory=dict)
    prefix: str = ""

    def setting(self) -> dict[str, Any]:
        """Return an entry of Django's ``CACHES``, whose keys don't meet those of plugins."""
        return {
            "BACKEND": self.backend,
            "LOCATION": self.location,
            "OPTIONS": dict(self.options),
            "KEY_PREFIX": f"{self.prefix}django",
        }

    def plugin_backend(self) -> BaseCache:
        """Make the backend of the cache service: keys and values are stored as they are given."""
        location = "plugins" if self.store == "memory" else self.location
        backend: BaseCache = import_string(self.backend)(
            location, {"OPTIONS": self.options | self.verbatim, "TIMEOUT": None, "KEY_FUNCTION": _as_given}
        )
        return backend


def require_package(module: str, package: str, extra: str, complain: Complain) -> None:
    """Raise ``ConfigError``, with the command that helps, unless a store's client is installed."""
    if find_spec(module) is None:
        raise complain(f"needs the package {package}, which isn't installed: {install_command(extra)}.")


def split_url(url: str, complain: Complain, rule: str) -> SplitResult:
    """Take a URL apart; raise ``ConfigError`` with ``rule`` where that isn't possible."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is none
    except ValueError:
        raise complain(rule) from None  # the cause would quote the URL
    return parts


def host_and_port(url: SplitResult) -> str:
    """Return what stands between credentials and path."""
    return url.netloc.rpartition("@")[2]


def _as_given(key: str, key_prefix: str, version: int) -> str:
    return key
