"""``manage.py plugins``: what is installed, and where each plugin keeps its data and shows its pages."""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portal.extensions import Page, get_tree
from portal.plugins import PluginConfig, alias_of, installed_modules, installed_plugins, modules_of, room


class Command(BaseCommand):
    """List the installed plugins and modules."""

    help = "Lists the installed plugins with their modules, database, API and pages."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print."""
        plugins = [facts_of(plugin) for plugin in installed_plugins()]
        known = {plugin["id"] for plugin in plugins}
        strays = [
            {"app": module.name, "module": module.module_id, "plugin": module.plugin_id}
            for module in installed_modules()
            if module.plugin_id not in known
        ]
        if options["json"]:
            shown = {"plugins": plugins, "modulesWithoutPlugin": strays}
            self.stdout.write(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
            return
        for plugin in plugins:
            self._print(plugin)
        for stray in strays:
            self.stdout.write(
                self.style.WARNING(
                    f"{stray['app']}: module '{stray['module']}' is ignored, plugin '{stray['plugin']}' isn't installed"
                )
            )

    def _print(self, plugin: dict[str, Any]) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(f"{plugin['id']}") + f"  {plugin['title']}  ({plugin['app']})")
        database = plugin["database"]
        self.stdout.write(f"  database    {database['alias']}: {database['engine']} {database['name']}")
        if plugin["api"]:
            self.stdout.write(f"  API         {plugin['api']}")
        for page in plugin["pages"]:
            self.stdout.write(f"  page        {page['path']}  {page['id']}")
        extensions = plugin["extensions"]
        self.stdout.write(f"  extensions  {extensions['active']} active, {extensions['inactive']} not")
        for module in plugin["modules"]:
            self.stdout.write(
                f"  module      {module['id']}  ({module['app']}){'  adds to the API' * module['hasRoutes']}"
            )


def facts_of(plugin: PluginConfig) -> dict[str, Any]:
    """Return what there is to know about a plugin, as plain data. Passwords are not part of it."""
    nodes = [node for node in get_tree().nodes.values() if node.plugin_id == plugin.plugin_id]
    active = [node for node in nodes if node.is_active]
    alias = alias_of(plugin.plugin_id)
    database = settings.DATABASES.get(alias) or settings.DATABASES["default"]
    return {
        "id": plugin.plugin_id,
        "title": str(plugin.verbose_name),
        "app": plugin.name,
        "role": plugin.role,
        "database": {
            "alias": alias if alias in settings.DATABASES else "default",
            "engine": database["ENGINE"].rpartition(".")[2],
            "name": str(database["NAME"]),
        },
        "api": f"/api/{plugin.plugin_id}/" if room(plugin, "api.urls") is not None else None,
        "pages": [
            {"id": node.id, "path": str(node.extension.route_path)}
            for node in active
            if isinstance(node.extension, Page)
        ],
        "extensions": {"active": len(active), "inactive": len(nodes) - len(active)},
        "modules": [
            {"id": module.module_id, "app": module.name, "hasRoutes": room(module, "api.urls") is not None}
            for module in modules_of(plugin.plugin_id)
        ],
    }
