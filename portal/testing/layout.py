"""Where the files of a plugin belong. Each rule returns what breaks it, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib import metadata
from pathlib import Path

#: The rooms that the portal or other people look into. What a plugin has beyond these, it says itself.
ROOMS = frozenset(
    {
        "admin",
        "api",
        "apps",
        "checks",
        "client",
        "conf",
        "extension_points",
        "extensions",
        "forms",
        "management",
        "migrations",
        "models",
        "modules",
        "operations",
        "permissions",
        "queries",
        "routes",
        "tasks",
        "templatetags",
        "urls",
        "views",
    }
)
#: Rooms whose folders follow other rules: Django's, and those of a plugin in small.
DEEP_ROOMS = frozenset({"management", "modules"})
#: Lines that a module may have.
MAX_LINES = 400


def modules_of(package: Path) -> Iterator[Path]:
    """Yield the Python files of a package, in order."""
    yield from sorted(path for path in package.rglob("*.py") if "__pycache__" not in path.parts)


def unknown_rooms(package: Path, own: Collection[str] = ()) -> list[str]:
    """Find modules and folders of modules at the top of a package that aren't rooms; ``own`` are further names."""
    found = sorted({path.relative_to(package).parts[0].removesuffix(".py") for path in modules_of(package)})
    return [
        f"{name} is no room. Move what is in it to the room where it belongs, or state it in own_rooms."
        for name in found
        if name not in {"__init__", *ROOMS, *own}
    ]


def deep_modules(package: Path) -> list[str]:
    """Find modules that lie deeper than ``<room>/<file>``."""
    relative = (path.relative_to(package) for path in modules_of(package))
    return [
        f"{path} lies too deep: a room is a module, or a folder of modules."
        for path in relative
        if len(path.parts) > 2 and path.parts[0] not in DEEP_ROOMS
    ]


def long_modules(package: Path) -> list[str]:
    """Find modules that are longer than anybody wants to read."""
    counted = ((path.relative_to(package), len(path.read_text().splitlines())) for path in modules_of(package))
    return [
        f"{path} has {lines} lines; split it, {MAX_LINES} is the limit." for path, lines in counted if lines > MAX_LINES
    ]


def misplaced_files(package: Path, label: str) -> list[str]:
    """Find templates and static files outside the folder that bears the plugin's label."""
    return [
        f"{path.relative_to(package)} is in everybody's way: it belongs below {kind}/{label}/."
        for kind in ("templates", "static")
        for path in sorted((package / kind).rglob("*"))
        if path.is_file() and path.relative_to(package / kind).parts[0] != label
    ]


def readme_of(package: Path, repository: Path) -> str | None:
    """Return the text of a plugin's README, or None if it has none.

    It is in the package, or beside the ``pyproject.toml`` of the plugin's distribution. ``repository`` is the portal's
    own folder, whose README isn't the plugin's. Of an installed package it is the description.
    """
    for folder in (package, *package.parents):
        if folder == repository:
            break
        if folder == package or (folder / "pyproject.toml").is_file():
            readme = folder / "README.md"
            if readme.is_file():
                return readme.read_text(encoding="utf-8")
    if (package.parent / "__init__.py").is_file():
        return None  # a part of another package, which may be called as somebody's distribution is
    for distribution in metadata.packages_distributions().get(package.name, []):
        description = metadata.metadata(distribution).json.get("description")
        if description:
            return str(description)
    return None
