"""Core services by name, in the manner of Django's ``CACHES``: one setting, looked up lazily.

Django's own handler makes one instance for each thread; services here hold shared state (registries, schedules,
pools), so there is one for the process, made under a lock.
"""

from __future__ import annotations

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
        """The setting ``PORTAL_SERVICES`` laid over the defaults: ``{name: {"BACKEND": dotted path, "OPTIONS":
        {…}}}``.
        """
        return DEFAULT_SERVICES | getattr(settings, "PORTAL_SERVICES", {})

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
        try:
            backend = import_string(spec["BACKEND"])
        except (ImportError, KeyError) as error:
            raise ImproperlyConfigured(f"PORTAL_SERVICES['{name}']: BACKEND can't be loaded: {error}") from error
        return backend(**spec.get("OPTIONS", {}))

    def reset(self) -> None:
        """Close and forget every instance; each is made anew on its next use."""
        with self._lock:
            instances, self._instances = self._instances, {}
        for instance in instances.values():
            if isinstance(instance, Service):
                instance.close()


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

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._handler[self._name](*args, **kwargs)

    def __repr__(self) -> str:
        return f"<core service {self._name}>"


services = ServiceHandler()


def _setting_changed(*, setting: str, **kwargs: object) -> None:
    if setting in {"PORTAL_SERVICES", "INSTALLED_APPS", "DATABASES"}:
        services.reset()


setting_changed.connect(_setting_changed)
on_change(services.reset)
