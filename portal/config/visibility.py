"""What every visitor may see of the configuration (Backstage's ``frontend`` visibility)."""

from __future__ import annotations

from collections.abc import Iterable

from portal.config.paths import format_path, parse_path
from portal.config.redaction import SecretRules
from portal.config.section import Section
from portal.config.tree import JsonObject, JsonValue, KeyPath


def frontend_tree(tree: JsonObject, sections: Iterable[type[Section]]) -> JsonObject:
    """Return what every visitor may see of ``tree``: the values that ``sections`` declare so, and what they are in.

    What is secret by its declaration, by its name, or for the password in it, isn't among it.
    """
    chosen = list(sections)
    shown, deep = _declared(chosen)
    rules = SecretRules(chosen)

    def visible(value: JsonValue, path: KeyPath) -> JsonValue:
        if path in deep or (path in shown and not isinstance(value, dict)):
            return _open(value, path, rules)
        if not isinstance(value, dict):
            return None
        members = ((name, visible(member, (*path, name))) for name, member in value.items())
        found: JsonObject = {name: member for name, member in members if member is not None}
        return found if found or path in shown else None

    found = visible(tree, ())
    return found if isinstance(found, dict) else {}


def visibility_conflicts(sections: Iterable[type[Section]]) -> list[str]:
    """Return the paths of keys that every visitor may see by one declaration and nobody by another."""
    chosen = list(sections)
    shown, deep = _declared(chosen)
    rules = SecretRules(chosen)
    return sorted(format_path(path) for path in shown | deep if rules.is_declared_secret(path))


def _declared(sections: Iterable[type[Section]]) -> tuple[set[KeyPath], set[KeyPath]]:
    """Return the paths of keys that every visitor may see, and of those of which that goes for all that is below."""
    shown: set[KeyPath] = set()
    deep: set[KeyPath] = set()
    for section in sections:
        for key in section.declared_keys():
            path = parse_path(key.full_path(section))
            if key.visibility == "frontend":
                shown.add(path)
            if key.deep_visibility == "frontend":
                deep.add(path)
    return shown, deep


def _open(value: JsonValue, path: KeyPath, rules: SecretRules) -> JsonValue:
    """Return a visible value without the secrets in it."""
    if isinstance(value, dict):
        members = ((name, _open(member, (*path, name), rules)) for name, member in value.items())
        return {name: member for name, member in members if member is not None}
    if isinstance(value, list):
        return [_open(item, (*path, position), rules) for position, item in enumerate(value)]
    return None if rules.is_secret(path) else rules.redacted(value, path)
