"""``manage.py startplugin NAME``: make a plugin that works, to be changed into what it should be."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser

import portal.plugins

TEMPLATE = Path(portal.plugins.__file__).parent / "template"
#: Files that tools would take for real ones are kept under this suffix.
SUFFIX = "-tpl"
WORDS = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
#: Parts of URLs and names that the portal has for itself.
RESERVED = {"admin", "api", "app", "auth", "portal", "root", "static"}


@dataclass(frozen=True)
class Names:
    """The spellings of a plugin's name; the template uses those of ``blank-slate``."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Names:
        """Read a name such as ``tech-radar`` or ``tech_radar``. Raises ``CommandError`` for another form."""
        if not WORDS.fullmatch(text):
            raise CommandError(
                f"'{text}' is no name for a plugin: use lowercase words of letters and digits, joined by hyphens, "
                f"such as 'tech-radar'."
            )
        return cls(tuple(re.split("[-_]", text)))

    @property
    def plugin_id(self) -> str:
        """As in URLs and extension ids: ``tech-radar``."""
        return "-".join(self.words)

    @property
    def label(self) -> str:
        """As in tables, templates and the database's alias: ``tech_radar``."""
        return "_".join(self.words)

    @property
    def class_prefix(self) -> str:
        """As in the names of classes: ``TechRadar``."""
        return "".join(word.capitalize() for word in self.words)

    @property
    def config_key(self) -> str:
        """As in ``app-config.yaml``: ``techRadar``."""
        return self.words[0] + "".join(word.capitalize() for word in self.words[1:])

    @property
    def title(self) -> str:
        """As people read it: ``Tech radar``."""
        return " ".join(self.words).capitalize()

    @property
    def package(self) -> str:
        """As Python imports it: ``portal_tech_radar``."""
        return f"portal_{self.label}"

    @property
    def distribution(self) -> str:
        """As pip and its folder are called: ``portal-plugin-tech-radar``."""
        return f"portal-plugin-{self.plugin_id}"

    @property
    def spellings(self) -> tuple[str, ...]:
        """All that are replaced, each different from the others in the template."""
        return self.plugin_id, self.label, self.class_prefix, self.config_key, self.title


PLACEHOLDER = Names(("blank", "slate"))


class Command(BaseCommand):
    """Writes a package from the template, with the plugin's own name all through it."""

    help = "Make a plugin: a pip-installable package with a page, an entity card, an API, a table, and tests."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the name, and where to put the package."""
        parser.add_argument("name", help="the plugin's id, such as tech-radar")
        parser.add_argument("directory", nargs="?", default=".", help="the folder to make it in (default: this one)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the package and say what to do with it."""
        names = Names.of(options["name"])
        target = make_package(names, TEMPLATE, Path(options["directory"]) / names.distribution)
        self.stdout.write(self.style.SUCCESS(f"Made {target}."))
        self.stdout.write(
            f"\nTry its tests:    python -m pytest {target}"
            f"\nInstall it:       pip install -e {target}"
            f"\nSwitch it on:     PORTAL_PLUGINS={names.package} make run"
            f"\nThen open         /{names.plugin_id}"
        )


def make_package(names: Names, template: Path, target: Path) -> Path:
    """Write a package from a template to the folder ``target``; raise ``CommandError`` if that can't be."""
    require_free(names)
    if not target.parent.is_dir():
        raise CommandError(f"There is no folder '{target.parent}'.")
    if target.exists():
        raise CommandError(f"'{target}' exists already. Remove it, or choose another name or folder.")
    write(names, template, target)
    return target


def require_free(names: Names) -> None:
    """Raise ``CommandError`` if the name would clash with something that is installed, or can't be a module's."""
    if any(keyword.iskeyword(name) for name in (names.label, names.config_key)):
        raise CommandError(f"'{names.label}' is a word of Python's own; choose another name.")
    if names.plugin_id in RESERVED:
        raise CommandError(f"'{names.plugin_id}' is what the portal calls a part of itself; choose another name.")
    for app in apps.get_app_configs():
        if names.label == app.label or names.plugin_id == getattr(app, "plugin_id", None):
            raise CommandError(f"'{names.plugin_id}' is taken by the installed app {app.name}; choose another name.")
    if find_spec(names.package) is not None:
        raise CommandError(f"A Python package {names.package} is installed already; choose another name.")


def write(names: Names, template: Path, target: Path) -> None:
    """Copy a template to ``target``, which must not exist, with every spelling of the name replaced."""
    for source in sorted(template.rglob("*")):
        path = target / renamed(str(source.relative_to(template)).removesuffix(SUFFIX), names)
        if source.is_dir():
            path.mkdir(parents=True, exist_ok=True)
        elif "__pycache__" not in source.parts:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(renamed(source.read_text(encoding="utf-8"), names), encoding="utf-8")


def renamed(text: str, names: Names) -> str:
    """Replace the template's name by the plugin's, in every spelling."""
    for old, new in zip(PLACEHOLDER.spellings, names.spellings, strict=True):
        text = text.replace(old, new)
    return text
