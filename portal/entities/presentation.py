"""How entities are called on pages: a title to read, and a subtitle that says exactly which entity it is."""

from __future__ import annotations

from typing import Any

from portal.entities.entity import DEFAULT_NAMESPACE, Entity
from portal.entities.refs import EntityRef, RefLike, parse_ref, ref_of, stringify_ref

#: What ``entity_title`` reads: what to ask the catalog for where an entity is only to be named.
TITLE_FIELDS = ("kind", "metadata.name", "metadata.namespace", "metadata.title", "spec.profile.displayName")


def entity_title(
    entity: Entity | RefLike, *, default_kind: str | None = None, default_namespace: str = DEFAULT_NAMESPACE
) -> str:
    """Return the title of an entity, or of one of which only the ref is known.

    The first that there is of: the display name of its profile, its title, its name. The name bears the namespace if
    that isn't ``default`` or isn't the ``default_namespace`` of the page, and the kind if the page has a
    ``default_kind`` and it isn't that one.
    """
    if _is_entity(entity):
        for title in (_text_at(entity, "spec", "profile", "displayName"), _text_at(entity, "metadata", "title")):
            if title:
                return title
    ref = _ref(entity)
    title = ref.name
    if ref.namespace != DEFAULT_NAMESPACE or ref.namespace.lower() != default_namespace.lower():
        title = f"{ref.namespace}/{title}"
    if default_kind is not None and ref.kind.lower() != default_kind.lower():
        title = f"{ref.kind.lower()}:{title}"
    return title


def entity_subtitle(
    entity: Entity | RefLike, *, default_kind: str | None = None, default_namespace: str = DEFAULT_NAMESPACE
) -> str:
    """Return what to tell apart entities of the same title by: ``<full ref> | <type> | <description>``.

    The ref is left out where it is the title already, the rest where the entity has none: the subtitle may be empty.
    """
    title = entity_title(entity, default_kind=default_kind, default_namespace=default_namespace)
    ref = stringify_ref(_ref(entity))
    parts = [ref if ref != title else ""]
    if _is_entity(entity):
        parts += [_text_at(entity, "spec", "type"), _text_at(entity, "metadata", "description")]
    return " | ".join(filter(None, parts))


def initials_of(title: str) -> str:
    """Return what stands for somebody without a picture: the first letters of the first two words."""
    return "".join(word[0] for word in title.split()[:2]).upper()


def _is_entity(value: Any) -> bool:
    return isinstance(value, dict) and "metadata" in value


def _ref(entity: Any) -> EntityRef:
    return ref_of(entity) if _is_entity(entity) else parse_ref(entity)


def _text_at(value: Any, *path: str) -> str:
    """Return the text at ``path``, an empty one if there is none."""
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
