"""Extension points: the one in-process door into a plugin, open to its own modules.

A plugin defines a point in its room ``extension_points``; a module adds to it in ``ModuleConfig.extend``; the plugin
asks for the filled point with ``extension_point(Point)``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured

from portal.errors import PortalError


class IllegalExtensionPoint(PortalError):
    """A module asked for an extension point of a plugin that isn't its own, or one was asked for at the wrong time."""


#: By plugin.
_defined: dict[str, list[type[ExtensionPoint]]] = {}


class ExtensionPoint:
    """Base of a plugin's extension points. Subclasses state ``id`` and ``plugin_id`` and offer ``add_…`` methods.

    An ``add_…`` method calls ``self.require_open()`` first, so that nothing is added after start-up.
    """

    #: As in Backstage, ``catalog.processing``.
    id: ClassVar[str] = ""
    plugin_id: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.id or not cls.plugin_id:
            raise ImproperlyConfigured(
                f"{cls.__module__}.{cls.__qualname__}: an extension point needs an id and a plugin_id."
            )
        siblings = _defined.setdefault(cls.plugin_id, [])
        siblings[:] = [point for point in siblings if point.id != cls.id] + [cls]

    def __init__(self) -> None:
        self.open = True

    def require_open(self) -> None:
        """Raise unless the point may still be added to."""
        if not self.open:
            raise IllegalExtensionPoint(
                f"Extension point '{self.id}' is closed: modules add to it in ModuleConfig.extend() and nowhere else."
            )


def defined_points(plugin_id: str) -> list[type[ExtensionPoint]]:
    """Return the points that a plugin has defined so far. Of two with the same id, it is the later."""
    return list(_defined.get(plugin_id, ()))
