"""What the source of a plugin may say. Each rule returns what breaks it, in words."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from portal.testing.layout import modules_of

#: The import names of plugins that are packages of their own.
THIRD_PARTY_PLUGIN = re.compile(r"portal_\w+")
#: Calls that do what they say to one database, which need not be the plugin's.
ONE_DATABASE = {"atomic": "atomic_for(Model)", "on_commit": "on_commit_for(Model, function)"}
TEMPLATE_TAG = re.compile(r"""{%-?\s*(include|extends|static)\s+["']([^"'/]+)/""")
URL_TAG = re.compile(r"""{%-?\s*url\s+["']([^"':]+):""")


def foreign_imports(
    package: Path, name: str, others: Collection[str] = (), *, doors: Collection[str] = ()
) -> list[str]:
    """Find imports of other plugins. ``name`` is the package's dotted name, ``others`` are packages to keep out of.

    What begins with ``portal_`` counts as a plugin, installed or not. ``doors`` are packages that may be used all the
    same.
    """
    return [
        f"{path.relative_to(package)}:{line} imports {imported}. Plugins know the portal and themselves only; talk to "
        f"another one through its API."
        for path in modules_of(package)
        for imported, line in _imports(path, package, name)
        if not any(_lies_in(imported, known) for known in (name, *doors)) and _is_foreign(imported, others)
    ]


def unguarded_calls(package: Path) -> list[str]:
    """Find transactions that name no database, and models looked up by name."""
    return [
        f"{path.relative_to(package)}:{line}: {fault}"
        for path in modules_of(package)
        for line, fault in _unguarded(path, in_migration="migrations" in path.parts)
    ]


def foreign_references(package: Path, label: str, namespaces: Collection[str] = ()) -> list[str]:
    """Find templates that use another plugin's templates, static files or URL names.

    ``namespaces`` are those of the plugin's own URL names.
    """
    found = []
    for path in sorted((package / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        where = path.relative_to(package)
        found += [
            f"{where}: {{% {tag} %}} of {folder}/, which is another's. Use the plugin's own, or the portal's."
            for tag, folder in TEMPLATE_TAG.findall(text)
            if folder not in {label, "portal"}
        ]
        found += [
            f"{where}: {{% url %}} of '{namespace}'. Link with {{% route %}}: it may lead nowhere, and says so."
            for namespace in URL_TAG.findall(text)
            if namespace not in namespaces
        ]
    return found


def _is_foreign(imported: str, others: Collection[str]) -> bool:
    top = imported.partition(".")[0]
    return bool(THIRD_PARTY_PLUGIN.fullmatch(top)) or any(_lies_in(imported, other) for other in others)


def _lies_in(imported: str, package: str) -> bool:
    return imported == package or imported.startswith(f"{package}.")


def _imports(path: Path, package: Path, name: str) -> Iterator[tuple[str, int]]:
    """Yield every imported module, and every name imported from one, as it may be a module too."""
    parts = [*name.split("."), *path.relative_to(package).parent.parts]
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, [base, node.module or ""]))
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)


def _unguarded(path: Path, *, in_migration: bool) -> Iterator[tuple[int, str]]:
    tree = _tree(path)
    guarded = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and _names_database(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute | ast.Name):
            continue
        name = node.attr if isinstance(node, ast.Attribute) else node.id
        if name in ONE_DATABASE and id(node) not in guarded:
            yield node.lineno, f"{name} is for the default database. Use portal.databases.{ONE_DATABASE[name]}."
        if name == "get_model" and not in_migration:
            yield node.lineno, "get_model looks up a model by name. Import your own; another plugin's is out of reach."


def _names_database(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return any(keyword.arg == "using" for keyword in call.keywords) or (name == "atomic" and bool(call.args))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
