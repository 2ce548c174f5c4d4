"""``manage.py reference``: write the generated pages of the documentation."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import module_has_submodule

from portal.config import read_once
from portal.config.reference import render_reference as render_config
from portal.extensions.reference import render_reference as render_extensions
from portal.plugins import installed_plugins, room

#: File name to the function that gives its text.
PAGES: dict[str, Callable[[], str]] = {"config.md": render_config, "extensions.md": render_extensions}


class Command(BaseCommand):
    """Writes the pages anew, or says with ``--check`` which ones are out of date."""

    help = "Write the generated pages of docs/reference."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder, and whether to check only."""
        folder = settings.BASE_DIR / "docs" / "reference"
        parser.add_argument("--directory", type=Path, default=folder, help="where to write (default: docs/reference)")
        parser.add_argument("--check", action="store_true", help="write nothing; exit with status 1 if a page is old")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare each page."""
        import_module_keys()
        old = []
        for name, render in PAGES.items():
            path, text = options["directory"] / name, render()
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            old.append(name)
            if not options["check"]:
                path.write_text(text, encoding="utf-8")
                self.stdout.write(f"Wrote {path}.")
        if old and options["check"]:
            raise CommandError(f"Out of date: {', '.join(old)}. Run: make docs")


def import_module_keys() -> None:
    """Import the keys of the modules that come with the plugins, whether they are installed or not."""
    for plugin in installed_plugins():
        modules = room(plugin, "modules")
        for found in pkgutil.iter_modules(modules.__path__ if modules else ()):
            package = f"{plugin.name}.modules.{found.name}"
            if found.ispkg and module_has_submodule(import_module(package), "conf"):
                import_module(f"{package}.conf")
                read_once(f"{package}.conf")
