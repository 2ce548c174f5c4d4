"""The two kinds of app that the portal knows: a plugin, and a module of a plugin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import module_has_submodule

if TYPE_CHECKING:
    from portal.plugins.extension_points import ExtensionPoint

PLUGIN_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class _PortalApp(AppConfig):
    """What a plugin and a module have in common: an id, and rooms that are imported when the app is ready."""

    default = False
    plugin_id: ClassVar[str] = ""
    #: Rooms imported once all models are loaded, in this order, if they are there. They declare; they run no queries.
    rooms: ClassVar[tuple[str, ...]] = ("conf", "extension_points", "permissions", "checks")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # Django picks an app's config by this flag; the classes here are bases, each subclass is the real thing.
        super().__init_subclass__(**kwargs)
        if "default" not in vars(cls):
            cls.default = True

    def __init__(self, app_name: str, app_module: Any) -> None:
        super().__init__(app_name, app_module)
        if not PLUGIN_ID.fullmatch(self.plugin_id):
            raise ImproperlyConfigured(
                f"{type(self).__module__}.{type(self).__qualname__}: plugin_id is {self.plugin_id!r}; it must "
                "be lowercase words "
                f"joined by hyphens, such as 'tech-radar'."
            )

    def ready(self) -> None:
        """Import the rooms, so that what they declare is known. A module's own import error passes through."""
        for name in self.rooms:
            if self.module is not None and module_has_submodule(self.module, name):
                import_module(f"{self.name}.{name}")


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


class ModuleConfig(_PortalApp):
    """A Django app that extends one plugin through that plugin's extension points.

    A module whose plugin isn't installed is ignored; ``manage.py plugins`` says so.
    """

    default = False
    module_id: ClassVar[str] = ""

    def __init__(self, app_name: str, app_module: Any) -> None:
        super().__init__(app_name, app_module)
        if not PLUGIN_ID.fullmatch(self.module_id):
            raise ImproperlyConfigured(
                f"{type(self).__module__}.{type(self).__qualname__}: module_id is {self.module_id!r}; it must "
                "be lowercase words "
                f"joined by hyphens, such as 'github-org'."
            )

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add to the plugin, as in ``points[CatalogProcessing].add_processor(…)``.

        Called once, when an extension point of the plugin is first asked for. ``points`` holds the points of this
        module's plugin only. The default adds nothing: a module may consist of extensions or tasks alone.
        """
