"""How extension points are filled: once, on first use, by the modules of their plugin. They are closed after that."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from portal.plugins.config import ModuleConfig
from portal.plugins.extension_points import ExtensionPoint, IllegalExtensionPoint, defined_points
from portal.plugins.registry import modules_of

P = TypeVar("P", bound=ExtensionPoint)


class ModuleFailed(ImproperlyConfigured):
    """A module raised while it extended its plugin; the cause is what it raised."""

    def __init__(self, module: ModuleConfig, error: Exception) -> None:
        super().__init__(f"The {module} can't extend its plugin: {type(error).__name__}: {error}")
        self.module = module


class _Points(Mapping[type[ExtensionPoint], Any]):
    """The points of one plugin, as a module sees them."""

    def __init__(self, plugin_id: str) -> None:
        self.plugin_id = plugin_id
        self._points = {point: point() for point in defined_points(plugin_id)}

    def __getitem__(self, point: type[ExtensionPoint]) -> Any:
        try:
            return self._points[point]
        except KeyError:
            if point.plugin_id == self.plugin_id:
                raise IllegalExtensionPoint(
                    f"{point.__module__}.{point.__qualname__} isn't the extension point '{point.id}' any more: another "
                    f"class with the same id took its place."
                ) from None
            raise IllegalExtensionPoint(
                f"'{point.id}' belongs to plugin '{point.plugin_id}'; a module of '{self.plugin_id}' may "
                "extend that plugin only."
            ) from None

    def __iter__(self) -> Iterator[type[ExtensionPoint]]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)


_filled: dict[str, _Points] = {}
#: Plugins whose points are being filled.
_filling: set[str] = set()
_lock = threading.RLock()


def extension_point(point: type[P]) -> P:
    """Return the process-wide instance of a point, after every module of its plugin has extended it.

    Raises ``ModuleFailed`` for a module that raises while it does.
    """
    found: P = _points_of(point.plugin_id)[point]
    return found


def open_points(plugin_id: str) -> Mapping[type[ExtensionPoint], Any]:
    """Return new, empty points of a plugin, as ``ModuleConfig.extend`` is given them: for tests of modules."""
    return _Points(plugin_id)


def fill_extension_points(plugin_id: str) -> None:
    """Let every module of a plugin extend it, unless that is done already. Raises ``ModuleFailed``."""
    _points_of(plugin_id)


def _points_of(plugin_id: str) -> _Points:
    with _lock:
        points = _filled.get(plugin_id)
        if points is None:
            if plugin_id in _filling:
                raise IllegalExtensionPoint(
                    f"An extension point of '{plugin_id}' was asked for while modules add to it: a module uses the "
                    f"points that ModuleConfig.extend() is given."
                )
            _filling.add(plugin_id)
            try:
                points = _filled[plugin_id] = _extended(_Points(plugin_id))
            finally:
                _filling.discard(plugin_id)
    return points


def _extended(points: _Points) -> _Points:
    for module in modules_of(points.plugin_id):
        try:
            module.extend(points)
        except Exception as error:
            raise ModuleFailed(module, error) from error
    for point in points.values():
        point.open = False
    return points


def _forget(*, setting: str, **kwargs: object) -> None:
    if setting in {"INSTALLED_APPS", "PORTAL_CONFIG"}:
        with _lock:
            _filled.clear()


setting_changed.connect(_forget)
