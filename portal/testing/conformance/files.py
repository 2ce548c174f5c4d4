"""Rules of a plugin's files: rooms, imports, templates, README."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib import import_module
from typing import ClassVar

from django.conf import settings

from portal.config import Section
from portal.extensions import Page, get_tree
from portal.permissions import Permission
from portal.plugins import ModuleConfig, PluginConfig, installed_modules, installed_plugins, room
from portal.testing import layout, source
from portal.testing.conformance.base import PluginTests, expect_none


class FileRules(PluginTests):
    """Whoever knows one plugin finds their way in all of them."""

    #: Names of rooms beyond those that every plugin may have, such as the engine that only this one needs.
    own_rooms: ClassVar[Collection[str]] = ()

    def test_every_file_is_in_a_room(self) -> None:
        """Rooms have fixed names, and no room goes deeper than a folder of modules."""
        expect_none([*layout.unknown_rooms(self.package, self.own_rooms), *layout.deep_modules(self.package)])

    def test_no_module_is_too_long(self) -> None:
        """A room that outgrows a module becomes a folder."""
        expect_none(layout.long_modules(self.package))

    def test_every_module_can_be_imported(self) -> None:
        """A room that is needed late is as sound as one that is needed at once."""
        for path in layout.modules_of(self.package):
            parts = path.relative_to(self.package).with_suffix("").parts
            import_module(".".join([self.plugin, *(part for part in parts if part != "__init__")]))

    def test_it_knows_the_portal_and_itself_only(self) -> None:
        """Another plugin's code, tables, templates, files and URL names are out of reach."""
        namespaces = [f"{self.app.plugin_id}-api"]
        expect_none(
            [
                *source.foreign_imports(self.package, self.plugin, self._others()),
                *source.foreign_references(self.package, self.app.label, namespaces),
            ]
        )

    def test_it_guards_its_own_database(self) -> None:
        """A transaction that names no database guards the default one."""
        expect_none(source.unguarded_calls(self.package))

    def test_templates_and_static_files_bear_its_label(self) -> None:
        """Templates and static files of all plugins share one space of names."""
        expect_none(layout.misplaced_files(self.package, self.app.label))

    def test_its_readme_tells_what_it_brings(self) -> None:
        """The README is one page: its extensions, its API, its configuration keys, its permissions."""
        readme = layout.readme_of(self.package, settings.BASE_DIR)
        assert readme is not None, f"There is no README.md in {self.package} or beside its pyproject.toml."
        expect_none(
            f"The README doesn't mention {what}."
            for what, words in self._brought()
            if not any(word in readme for word in words)
        )

    def _others(self) -> list[str]:
        """Return the packages of plugins that this one may not know."""
        installed: list[PluginConfig | ModuleConfig] = [*installed_plugins(), *installed_modules()]
        names = [app.name for app in installed if app.name not in {self.plugin, "portal"}]
        return ["apps", *(name for name in names if not name.startswith(f"{self.plugin}."))]

    def _brought(self) -> Iterator[tuple[str, list[str]]]:
        """Yield what the plugin brings, with the words by which it may be mentioned."""
        for node in get_tree().nodes.values():
            if node.spec.origin == self.plugin:
                path = [str(node.spec.extension.path)] if issubclass(node.spec.extension, Page) else []
                yield f"the extension '{node.id}'", [node.id, *path]
        if room(self.app, "api.urls") is not None:
            yield "its API", [f"/api/{self.app.plugin_id}/"]
        for value in vars(room(self.app, "permissions") or object).values():
            if isinstance(value, Permission):
                yield f"the permission '{value.name}'", [value.name]
        for section in vars(room(self.app, "conf") or object).values():
            if isinstance(section, type) and issubclass(section, Section) and section is not Section:
                keys = [key.full_path(section) for key in section.declared_keys() if not key.is_ignored]
                yield from ((f"the configuration key '{key}'", [key]) for key in keys)
