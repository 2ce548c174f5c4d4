"""A Django cache backend whose failures are misses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from portal.services.cache.circuit import Circuit, circuit_for

T = TypeVar("T")

#: A connection that the server closed while it was idle fails once; the next one is new.
ATTEMPTS = 2
#: For operations that must not happen twice.
ONCE = 1


class Degrading(BaseCache):
    """Put before a backend in the bases of a class: ``class RedisCache(Degrading, django_redis.cache.RedisCache)``.

    Covers Django's cache API. What a backend offers beyond it (locks, patterns, sets) raises as ever: whoever takes a
    lock must know that there is none.
    """

    #: The server can't be reached or doesn't answer: no use in asking it again at once.
    outages: ClassVar[tuple[type[Exception], ...]] = ()
    #: Those outages that took all the time that an operation has.
    timeouts: ClassVar[tuple[type[Exception], ...]] = (TimeoutError,)
    #: The server answered, but won't do this.
    refusals: ClassVar[tuple[type[Exception], ...]] = ()

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        """Take ``LOCATION``, which has no credentials in it, and the other settings of Django's ``CACHES``."""
        super().__init__(server, params)  # type: ignore[call-arg, arg-type]
        # Without the scheme: a URL without a password is all of backend.cache.connection, which the log blots out.
        servers = [server] if isinstance(server, str) else server
        self.label = ", ".join(one.rpartition("://")[2] for one in servers)

    @cached_property
    def circuit(self) -> Circuit:
        """The server's circuit, shared with all other users of the server."""
        return circuit_for(self.label)

    def problem(self) -> str:
        """Ask the server, whatever is known about it, and say what is wrong; empty if nothing is."""
        try:
            super().get("portal:problem")
        except (*self.outages, *self.refusals) as error:
            return f"{self.label}: {type(error).__name__}: {error}"
        self.circuit.succeeded()
        return ""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or ``default``."""
        return self._attempt(default, super().get, key, default, version=version)

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        """Return those values that are there."""
        return self._attempt({}, super().get_many, list(keys), version=version)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        """Say whether there is a value."""
        return bool(self._attempt(False, super().has_key, key, version=version))

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None, **options: Any
    ) -> None:
        """Keep the value."""
        self._attempt(None, super().set, key, value, timeout, version=version, **options)

    def set_many(
        self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        """Keep the values; return the keys of those that weren't kept."""
        return self._attempt(list(data), super().set_many, dict(data), timeout, version=version) or []

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep the value unless there is one; say whether it was kept."""
        return bool(self._attempt(False, super().add, key, value, timeout, version=version, attempts=ONCE))

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Give the value a new time to live; say whether there is one."""
        return bool(self._attempt(False, super().touch, key, timeout, version=version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Add to a number. Raise ``ValueError`` if there is none."""
        result = self._attempt(None, super().incr, key, delta, version=version, attempts=ONCE)
        if result is None:
            raise ValueError(f"Key '{key}' not found")
        return int(result)

    def decr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Subtract from a number. Raise ``ValueError`` if there is none."""
        return self.incr(key, -delta, version=version)

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget the value; say whether there was one."""
        return bool(self._attempt(False, super().delete, key, version=version))

    def delete_many(self, keys: Iterable[Any], version: int | None = None) -> None:
        """Forget these values."""
        self._attempt(None, super().delete_many, list(keys), version=version)

    def clear(self) -> None:
        """Forget everything on the server, other users' values too."""
        self._attempt(None, super().clear)

    def _attempt(
        self, otherwise: T, operation: Callable[..., Any], *args: Any, attempts: int = ATTEMPTS, **kwargs: Any
    ) -> T | Any:
        """Return what ``operation`` returns, or ``otherwise`` if the server is down or refuses."""
        if not self.circuit.allows():
            return otherwise
        for attempt in range(1, attempts + 1):
            try:
                result = operation(*args, **kwargs)
            except self.outages as error:
                if attempt < attempts and not isinstance(error, self.timeouts):
                    continue
                self.circuit.failed(error)
                return otherwise
            except self.refusals as error:
                self.circuit.refused(error)
                return otherwise
            self.circuit.succeeded()
            return result
        raise AssertionError("the last attempt returns")
