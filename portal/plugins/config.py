"""The two kinds of app that the portal knows: a plugin, and a module of a plugin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured

from portal.config import read_once
from portal.plugins.extension_points import ExtensionPoint
from portal.plugins.rooms import room

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def require_words(config_class: type[AppConfig], attribute: str, value: object, example: str) -> None:
    """Raise ``ImproperlyConfigured`` unless the id that an app's config states is one; name the class and the rule."""
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ImproperlyConfigured(
            f"{config_class.__module__}.{config_class.__qualname__}: {attribute} is {value!r}; it must be lowercase "
            f"words joined by hyphens, such as '{example}'."
        )


class _PortalApp(AppConfig):
    """What a plugin and a module have in common: an id, and rooms that are imported when the app is ready."""

    default = False
    plugin_id: ClassVar[str] = ""
    #: Backstage's ``if`` for all that the app brings to the interface: a predicate as in ``Extension.enabled_if``.
    enabled_if: ClassVar[dict[str, Any] | None] = None
    #: Rooms imported once all models are loaded, in this order, if they are there. They declare; they run no queries.
    rooms: ClassVar[tuple[str, ...]] = ("conf", "extension_points", "permissions", "checks")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # Django picks an app's config by this flag; the classes here are bases, each subclass is the real thing.
        super().__init_subclass__(**kwargs)
        if "default" not in vars(cls):
            cls.default = True

    def __init__(self, app_name: str, app_module: Any) -> None:
        super().__init__(app_name, app_module)
        require_words(type(self), "plugin_id", self.plugin_id, "tech-radar")

    def ready(self) -> None:
        """Import the rooms, so that what they declare is known. An error in one of them passes through."""
        for name in self.rooms:
            room(self, name)


class PluginConfig(_PortalApp):
    """A Django app that is a plugin. Subclasses state facts: ``name``, ``plugin_id``, ``title``, ``icon``.

    Everything else has a place: a file in the room of that name is its registration (see the architecture page).
    """

    default = False
    #: What people call it: in navigation, in the admin, in messages. Derived from ``plugin_id`` if empty.
    title: ClassVar[str] = ""
    #: Name of an icon (lucide), used where a page of the plugin names none.
    icon: ClassVar[str] = ""
    #: As in Backstage's package roles; what ``manage.py plugins`` shows.
    role: ClassVar[str] = "plugin"

    def __init__(self, app_name: str, app_module: Any) -> None:
        super().__init__(app_name, app_module)
        self.verbose_name = self.title or self.plugin_id.replace("-", " ").capitalize()

    def __str__(self) -> str:
        return f"plugin '{self.plugin_id}' ({self.name})"


class ModuleConfig(_PortalApp):
    """A Django app that extends one plugin through that plugin's extension points.

    A module whose plugin isn't installed is ignored; ``manage.py plugins`` says so.
    """

    default = False
    module_id: ClassVar[str] = ""

    def __init__(self, app_name: str, app_module: Any) -> None:
        super().__init__(app_name, app_module)
        require_words(type(self), "module_id", self.module_id, "github-org")

    def __str__(self) -> str:
        return f"module '{self.module_id}' of plugin '{self.plugin_id}' ({self.name})"

    def ready(self) -> None:
        """Import the rooms. What the module is configured by counts when it extends its plugin, which is once."""
        super().ready()
        read_once(f"{self.name}.conf")

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add to the plugin, as in ``points[CatalogProcessing].add_processor(…)``.

        Called once, when an extension point of the plugin is first asked for. ``points`` holds the points of this
        module's plugin only. The default adds nothing: a module may consist of extensions or tasks alone.
        """
