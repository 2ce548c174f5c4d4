"""The rows under which an entity is found: one for each value in it that holds no other."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

from portal.entities.entity import DEFAULT_NAMESPACE, Entity, Scalar
from portal.entities.javascript import js_text
from portal.entities.refs import ref_of
from portal.errors import InputError

#: Longer keys have no row; longer values have one, but can't be matched. So it is with NUL characters, which
#: databases don't store.
MAX_KEY_LENGTH = 200
MAX_VALUE_LENGTH = 200
#: Nor can values be matched that start with this, which is no character: an index may put it for what comes last.
LAST = "\U0010ffff"

#: Not indexed where they stand. Those that filters need are added under the same keys afterwards.
_SKIPPED = frozenset(
    ("attachments", "relations", "status", "metadata.name", "metadata.namespace", "metadata.uid", "metadata.etag")
)


#: Where a value stands in an entity, and its text; None if it is null.
Leaf = tuple[str, str | None]


class SearchRow(NamedTuple):
    """A row of the search index.

    ``key`` is the lowercase dotted path of the field. ``value`` is its lowercase text, ``original`` the text as it was
    written; both are None where the value is null, too long to match, holds a NUL character, or starts with the last
    code point there is.
    """

    key: str
    value: str | None
    original: str | None


#: Makes a row without the detour over keyword arguments; there are thirty for each entity.
_row = partial(tuple.__new__, SearchRow)


def search_rows(entity: Entity) -> list[SearchRow]:
    """Return the rows of a stitched entity, distinct by key and value, in the order of its fields.

    Objects have no row of their own. The items of a list stand under the list's key; those that are texts give a
    further row ``<key>.<item>`` with the value ``true``. Relations stand under ``relations.<type>``.

    Raise ``InputError`` if two keys differ only in case, since a filter could mean either.
    """
    rows: dict[tuple[str, str | None], SearchRow] = {}
    leaves = _leaves(entity)
    for key, (_, original) in zip(_lowercase_keys(leaves, entity), leaves, strict=True):
        if len(key) > MAX_KEY_LENGTH or "\0" in key:
            continue
        value = None if original is None else original.lower()
        if value is not None and (len(value) > MAX_VALUE_LENGTH or "\0" in value or value >= LAST):
            value = original = None
        if (key, value) not in rows:
            rows[key, value] = _row((key, value, original))
    return list(rows.values())


def require_indexable(entity: Entity) -> None:
    """Raise ``InputError`` if there are no rows for an entity, since two keys differ only in case."""
    _lowercase_keys(_leaves(entity), entity)


def _lowercase_keys(leaves: Iterable[Leaf], entity: Entity) -> list[str]:
    """Return the paths of leaves in lowercase. Raises ``InputError`` if two of them can't be told apart then."""
    keys = [key for key, _ in leaves]
    lowercase = [key.lower() for key in keys]
    if len(set(lowercase)) < len(set(keys)):
        known: dict[str, str] = {}
        for lower_key, key in zip(lowercase, keys, strict=True):
            if (other := known.setdefault(lower_key, key)) != key:
                raise InputError(
                    f'The entity {ref_of(entity)} has two fields that differ only in case, "{other}" and "{key}"; '
                    f"rename one of them."
                )
    return lowercase


def _leaves(entity: Entity) -> list[Leaf]:
    """Return the path of each leaf, and its text."""
    leaves: list[Leaf] = []
    _walk("", entity, leaves, set())
    metadata = entity["metadata"]
    leaves.append(("metadata.name", metadata["name"]))
    leaves.append(("metadata.namespace", metadata.get("namespace") or DEFAULT_NAMESPACE))
    leaves.append(("metadata.uid", metadata.get("uid")))
    leaves += [(f"relations.{relation['type']}", relation["targetRef"]) for relation in entity.get("relations", ())]
    return leaves


def _walk(prefix: str, value: dict[str, Any], leaves: list[Leaf], item_keys: set[str]) -> None:
    """Add the leaves of an object, whose members' paths begin with ``prefix``."""
    for key, member in value.items():
        path = prefix + key
        if path in _SKIPPED:
            continue
        if type(member) is str:
            leaves.append((path, member))
        elif isinstance(member, dict):
            _walk(f"{path}.", member, leaves, item_keys)
        elif isinstance(member, list):
            _walk_list(path, member, leaves, item_keys)
        else:
            leaves.append((path, _text(member)))


def _walk_list(path: str, items: list[Any], leaves: list[Leaf], item_keys: set[str]) -> None:
    for item in items:
        if isinstance(item, dict):
            _walk(f"{path}.", item, leaves, item_keys)
        elif isinstance(item, list):
            _walk_list(path, item, leaves, item_keys)
        else:
            leaves.append((path, _text(item)))
            if isinstance(item, str):
                # Of items that differ only in case, the first one gives the row: they aren't keys that someone wrote.
                item_key = f"{path}.{item}"
                if (lower_key := item_key.lower()) not in item_keys:
                    item_keys.add(lower_key)
                    leaves.append((item_key, "true"))


def _text(value: Scalar) -> str | None:
    return None if value is None else js_text(value)
