"""Users and groups as directories have them: each once, with a place, and with parents and children that agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from portal.entities import ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION, Entity, ref_of
from portal.errors import ConflictError
from portal.plugins import ExtensionPoint
from portal.services import logger

T = TypeVar("T")

#: How many of many a message names.
EXAMPLES = 5


def annotation(entity: Entity, name: str) -> str:
    """Return an annotation of an entity, the empty string if it has none of that name."""
    return str(entity["metadata"].get("annotations", {}).get(name, ""))


def with_location(entity: Entity, location: str) -> Entity:
    """Return an entity with the location that it is from, unless it says another one itself."""
    own = {ANNOTATION_LOCATION: location, ANNOTATION_ORIGIN_LOCATION: location}
    annotations = {**own, **entity["metadata"].get("annotations", {})}
    return {**entity, "metadata": {**entity["metadata"], "annotations": annotations}}


def each_once(entities: Iterable[Entity], *, provider: str, place: Callable[[Entity], str]) -> dict[str, Entity]:
    """Return entities by their refs. Of several that have the same one the first counts, and a warning names them.

    ``place`` says where in the directory an entity is from, for the warning.
    """
    found: dict[str, Entity] = {}
    doubled: list[str] = []
    for entity in entities:
        ref = str(ref_of(entity))
        first = found.setdefault(ref, entity)
        if first is not entity:
            doubled.append(f"{ref}: '{place(entity)}' gives way to '{place(first)}'")
    if doubled:
        logger.for_plugin("catalog").warning(
            "Several entries of a directory have the same name in the catalog; the first of each counts",
            provider=provider,
            count=len(doubled),
            examples=doubled[:EXAMPLES],
        )
    return found


def complete_hierarchy(groups: Mapping[str, Entity]) -> None:
    """Make parents and children of groups agree, in place; ``groups`` is by ref, and refs are in full there.

    A group is a child of its parent; one that is a child of several and has no parent gets the first of them.
    """
    children = {ref: dict.fromkeys(group["spec"]["children"]) for ref, group in groups.items()}
    for ref, group in groups.items():
        parent = group["spec"].get("parent")
        if parent in children:
            children[parent].setdefault(ref)
    for ref, group in groups.items():
        group["spec"]["children"] = list(children[ref])
        for child in children[ref]:
            if child in groups and not groups[child]["spec"].get("parent"):
                groups[child]["spec"]["parent"] = ref


def inherited(groups: Mapping[str, Entity], member_of: Iterable[str]) -> list[str]:
    """Return these groups and all that are above them, sorted; ``groups`` is by ref. Circles do no harm."""
    found: set[str] = set()
    todo = list(member_of)
    while todo:
        ref = todo.pop()
        if ref not in found:
            found.add(ref)
            parent = groups[ref]["spec"].get("parent") if ref in groups else None
            todo += [parent] if parent else []
    return sorted(found)


class Chosen:
    """Functions that another module puts in the place of a module's own: one for all providers, or one for each id."""

    def __init__(self, point: ExtensionPoint, what: str) -> None:
        self._point = point
        self._what = what
        self._chosen: object = None

    def choose(self, chosen: Callable[..., object] | Mapping[str, Callable[..., object]]) -> None:
        """Take a function, or functions by the ids of providers, while the extension point is open.

        Raises ``ConflictError`` the second time.
        """
        self._point.require_open()
        if self._chosen is not None:
            raise ConflictError(f"The {self._what} is set twice; uninstall one of the modules that set it.")
        self._chosen = chosen

    def for_provider(self, id: str, default: T) -> T:
        """Return the function for a provider, ``default`` if nobody has chosen one."""
        chosen = self._chosen.get(id) if isinstance(self._chosen, Mapping) else self._chosen
        return default if chosen is None else chosen  # type: ignore[return-value]
