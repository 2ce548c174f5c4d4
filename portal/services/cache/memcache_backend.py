"""memcached, through pymemcache."""

from __future__ import annotations

import threading
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.memcached import PyMemcacheCache
from pymemcache.exceptions import MemcacheError, MemcacheServerError, MemcacheUnexpectedCloseError

from portal.services.cache.degrading import Degrading


class _ValueOrNothing(PyMemcacheCache):
    """Django's backend, with a client for each thread, and without the old value when the new one is refused."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._threads = threading.local()

    #: Set by Django's class.
    _class: type[Any]
    _options: dict[str, Any]

    @property
    def _cache(self) -> Any:
        # pymemcache's client for several servers keeps its books without a lock, so threads don't share one.
        holder = getattr(self._threads, "holder", None)
        if holder is None:
            holder = self._threads.holder = _Holder(self._class(self.client_servers, **self._options))
        return holder.client

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version=version)
        except MemcacheServerError as error:
            if not isinstance(error, MemcacheUnexpectedCloseError):
                super().delete(key, version=version)
            raise


class _Holder:
    """Closes a thread's connections when the thread ends and its locals with it."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def __del__(self) -> None:
        self.client.close()


class MemcacheCache(Degrading, _ValueOrNothing):
    """Django's pymemcache backend without its exceptions. ``LOCATION`` is a list of ``host:port``."""

    outages = (OSError, MemcacheUnexpectedCloseError)
    refusals = (MemcacheError,)
