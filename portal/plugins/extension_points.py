"""Extension points: the one in-process door into a plugin, open to its own modules.

A plugin defines a point in its room ``extension_points``; a module adds to it in ``ModuleConfig.extend``; the plugin
asks for the filled point with ``extension_point(Point)``. Points are filled once, on first use, and closed after
that.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from portal.errors import PortalError
from portal.plugins.registry import modules_of


class IllegalExtensionPoint(PortalError):
    """A module asked for an extension point of a plugin that isn't its own."""


class ExtensionPoint:
    """Base of a plugin's extension points. Subclasses state ``id`` and ``plugin_id`` and offer ``add_…`` methods.

    An ``add_…`` method calls ``self.require_open()`` first, so that nothing is added after start-up.
    """

    #: As in Backstage, ``catalog.processing``.
    id: ClassVar[str] = ""
    plugin_id: ClassVar[str] = ""
    _by_plugin: ClassVar[dict[str, list[type[ExtensionPoint]]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.id or not cls.plugin_id:
            raise ImproperlyConfigured(
                f"{cls.__module__}.{cls.__qualname__}: an extension point needs an id and a plugin_id."
            )
        siblings = ExtensionPoint._by_plugin.setdefault(cls.plugin_id, [])
        siblings[:] = [point for point in siblings if point.id != cls.id] + [cls]

    def __init__(self) -> None:
        self.open = True

    def require_open(self) -> None:
        """Raise unless the point may still be added to."""
        if not self.open:
            raise IllegalExtensionPoint(
                f"Extension point '{self.id}' is closed: modules add to it in ModuleConfig.extend() and nowhere else."
            )

    @classmethod
    def filled(cls) -> Self:
        """Return the process-wide instance; the same as ``extension_point(cls)``."""
        return extension_point(cls)


P = TypeVar("P", bound=ExtensionPoint)


class _Points(Mapping[type[ExtensionPoint], Any]):
    """The points of one plugin, as a module sees them."""

    def __init__(self, plugin_id: str) -> None:
        self.plugin_id = plugin_id
        self._points = {point: point() for point in ExtensionPoint._by_plugin.get(plugin_id, [])}

    def __getitem__(self, point: type[ExtensionPoint]) -> Any:
        try:
            return self._points[point]
        except KeyError:
            raise IllegalExtensionPoint(
                f"'{point.id}' belongs to plugin '{point.plugin_id}'; a module of '{self.plugin_id}' may "
                "extend that plugin only."
            ) from None

    def __iter__(self) -> Iterator[type[ExtensionPoint]]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)


_filled: dict[str, _Points] = {}
_lock = threading.RLock()


def extension_point(point: type[P]) -> P:
    """Return the process-wide instance of a point, after every module of its plugin has extended it."""
    with _lock:
        points = _filled.get(point.plugin_id)
        if points is None:
            points = _Points(point.plugin_id)
            for module in modules_of(point.plugin_id):
                module.extend(points)
            for filled in points.values():
                filled.open = False
            _filled[point.plugin_id] = points
    found: P = points[point]
    return found


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting in {"INSTALLED_APPS", "PORTAL_CONFIG"}:
        with _lock:
            _filled.clear()


setting_changed.connect(_forget)
