"""Core services by name, in the manner of Django's ``CACHES``: one setting, looked up lazily.

Django's own handler makes one instance for each thread; services here hold shared state (registries, schedules,
pools), so there is one for the process, made under a lock.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from portal.config import on_change
from portal.services.base import Service
from portal.services.defaults import DEFAULT_SERVICES


class UnknownService(ImproperlyConfigured):
    """No service of that name is configured."""


class ServiceHandler:
    """The process's services: ``services["cache"]``. Assigning replaces one, which is how tests put in a fake."""

    def __init__(self) -> None:
        self._instances: dict[str, Any] = {}
        self._lock = threading.RLock()

    @property
    def specs(self) -> Mapping[str, Mapping[str, Any]]:
        """The setting ``PORTAL_SERVICES``, laid over the defaults entry by entry.

        ``{name: {"BACKEND": dotted path, "OPTIONS": keywords of the backend's class}}``; an entry with ``OPTIONS``
        alone keeps the default's backend.
        """
        given: Mapping[str, Mapping[str, Any]] = getattr(settings, "PORTAL_SERVICES", {})
        return DEFAULT_SERVICES | {name: {**DEFAULT_SERVICES.get(name, {}), **spec} for name, spec in given.items()}

    def __getitem__(self, name: str) -> Any:
        instance = self._instances.get(name)
        if instance is None:
            with self._lock:
                instance = self._instances.get(name)
                if instance is None:
                    instance = self._instances[name] = self._create(name)
        return instance

    def __setitem__(self, name: str, instance: Any) -> None:
        with self._lock:
            self._instances[name] = instance

    def __delitem__(self, name: str) -> None:
        with self._lock:
            self._instances.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self.specs)

    def _create(self, name: str) -> Any:
        try:
            spec = self.specs[name]
        except KeyError:
            raise UnknownService(
                f"No core service '{name}'; PORTAL_SERVICES knows: {', '.join(sorted(self.specs))}."
            ) from None
        where = f"PORTAL_SERVICES['{name}']"
        if not spec.get("BACKEND"):
            raise ImproperlyConfigured(f"{where} has no BACKEND; it must be the dotted path of a class.")
        try:
            backend = import_string(spec["BACKEND"])
        except ImportError as error:
            raise ImproperlyConfigured(f"{where}: BACKEND can't be loaded: {error}") from error
        options = spec.get("OPTIONS", {})
        try:
            inspect.signature(backend).bind(**options)
        except TypeError as error:
            raise ImproperlyConfigured(f"{where}: OPTIONS don't fit {spec['BACKEND']}: {error}") from error
        return backend(**options)

    def reset(self) -> None:
        """Close and forget every instance; each is made anew on its next use.

        All are closed even if one raises; the errors come out as an ``ExceptionGroup``.
        """
        with self._lock:
            instances, self._instances = self._instances, {}
        failures = []
        for instance in instances.values():
            try:
                if isinstance(instance, Service):
                    instance.close()
            except Exception as error:  # noqa: BLE001 (raised below, when the others are closed)
                failures.append(error)
        if failures:
            raise ExceptionGroup("Not every core service could be closed.", failures)


class ServiceProxy:
    """Stands for a service at import time and passes everything on to the instance of the moment."""

    __slots__ = ("_handler", "_name")

    def __init__(self, handler: ServiceHandler, name: str) -> None:
        object.__setattr__(self, "_handler", handler)
        object.__setattr__(self, "_name", name)

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._handler[self._name], attribute)

    def __setattr__(self, attribute: str, value: Any) -> None:
        setattr(self._handler[self._name], attribute, value)

    def __delattr__(self, attribute: str) -> None:
        delattr(self._handler[self._name], attribute)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._handler[self._name](*args, **kwargs)

    def __repr__(self) -> str:
        return f"<core service {self._name}>"


services = ServiceHandler()


def _setting_changed(*, setting: str, **kwargs: object) -> None:
    if setting in {"PORTAL_SERVICES", "INSTALLED_APPS", "DATABASES"}:
        services.reset()


setting_changed.connect(_setting_changed)
# A process at work keeps its services: its worker, its schedule and its checks are in them.
on_change(services.reset, at_work=False)
