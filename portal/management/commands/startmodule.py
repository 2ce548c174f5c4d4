"""``manage.py startmodule NAME``: make a module of the catalog that works, to be changed into what it should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

import portal.plugins
from portal.management.commands.startplugin import Names, make_package

TEMPLATE = Path(portal.plugins.__file__).parent / "module_template"


class Command(BaseCommand):
    """Writes a package from the template, with the module's own name all through it."""

    help = "Make a module of the catalog: a pip-installable package with a processor, configuration, and tests."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name, and where to put the package."""
        parser.add_argument("name", help="the module's id, such as cost-centres")
        parser.add_argument("directory", nargs="?", default=".", help="the folder to make it in (default: this one)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the package and say what to do with it."""
        names = Names.of(options["name"])
        target = make_package(names, TEMPLATE, Path(options["directory"]) / f"portal-module-{names.plugin_id}")
        self.stdout.write(self.style.SUCCESS(f"Made {target}."))
        self.stdout.write(
            f"\nTry its tests:    python -m pytest {target}"
            f"\nInstall it:       pip install -e {target}"
            f"\nSwitch it on:     PORTAL_PLUGINS={names.package} make run"
        )
