"""Entities as rows of a table: which columns a kind has, and what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from apps.catalog.views import cells
from apps.catalog.views.links import EntityLink, Known, entity_link, entity_links
from portal.entities import DEFAULT_NAMESPACE, Entity, ref_of
from portal.extensions.drawing import drawn_once
from portal.extensions.presentation import title_of

#: What the entities are called that exist, by canonical ref.
Titles = Known
#: How many characters of a description stand in a row. Some descriptions are whole documents.
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of a table of entities. ``draw`` draws ``value``, what the entity has there, unless that is empty.

    The value is hashable, since rows are drawn once. ``field`` is what the search index sorts by; empty for a column
    that nothing is sorted by.
    """

    key: str
    title: str | Promise
    draw: Callable[[Any], SafeString]
    value: Callable[[Entity, Titles | None], Any]
    field: str = ""


class Cell(NamedTuple):
    """What an entity has in a column."""

    column: Column
    value: Any

    @property
    def html(self) -> SafeString:
        """The cell as it is drawn."""
        shown = self.column.draw(self.value) if self.value else ""
        return SafeString(f'<td role="cell" class="cell-{self.column.key}">{shown}</td>')


class EntityRow(NamedTuple):
    """What a table says about one entity. ``namespace`` is empty for the default one, and if the title names it."""

    link: EntityLink
    namespace: str
    description: str
    cells: tuple[Cell, ...]

    @property
    def html(self) -> SafeString:
        """The cells as they are drawn, the name's first."""
        return _drawn(self)


@drawn_once
def _drawn(row: EntityRow) -> SafeString:
    name = cells.name_cell(row.link, namespace=row.namespace, description=row.description)
    return SafeString("".join([name, *(cell.html for cell in row.cells)]))


def _owners(entity: Entity, titles: Titles | None) -> tuple[EntityLink, ...]:
    return tuple(entity_links(related_refs(entity, "ownedBy"), titles))


def _systems(entity: Entity, titles: Titles | None) -> tuple[EntityLink, ...]:
    return tuple(entity_links(systems_of(entity), titles))


SYSTEM = Column("system", _("System"), cells.entity_refs, _systems, "spec.system")
OWNER = Column("owner", _("Owner"), cells.entity_refs, _owners, "relations.ownedby")
TYPE = Column("type", _("Type"), cells.text_cell, lambda entity, titles: type_title(entity), "spec.type")
LIFECYCLE = Column(
    "lifecycle",
    _("Lifecycle"),
    cells.status_cell,
    lambda entity, titles: lifecycle_of(entity),
    "spec.lifecycle",
)
TAGS = Column("tags", _("Tags"), cells.tags_cell, lambda entity, titles: tuple(tags_of(entity)))
TARGETS = Column(
    "targets",
    _("Targets"),
    cells.targets_cell,
    lambda entity, titles: tuple(targets_of(entity)),
    "spec.target",
)
KIND = Column("kind", _("Kind"), cells.text_cell, lambda entity, titles: entity["kind"], "kind")
NAMESPACE = Column(
    "namespace",
    _("Namespace"),
    cells.text_cell,
    lambda entity, titles: ref_of(entity).namespace,
    "metadata.namespace",
)
DESCRIPTION = Column(
    "description",
    _("Description"),
    cells.note_cell,
    lambda entity, titles: _note(entity),
    "metadata.description",
)

#: Every column there is, in the order in which they stand.
ALL_COLUMNS = (KIND, NAMESPACE, SYSTEM, OWNER, TYPE, LIFECYCLE, TARGETS, DESCRIPTION, TAGS)

#: What follows the name, by kind, as in Backstage. The description stands beneath the name and takes no column.
COLUMNS: dict[str, tuple[Column, ...]] = {
    "user": (TAGS,),
    "domain": (OWNER, TAGS),
    "system": (OWNER, TAGS),
    "group": (TYPE, TAGS),
    "template": (TYPE, TAGS),
    "location": (TYPE, TARGETS),
    "resource": (SYSTEM, OWNER, TYPE, TAGS),
}
OTHER_COLUMNS = (SYSTEM, OWNER, TYPE, LIFECYCLE, TAGS)
MIXED_COLUMNS = (KIND, *OTHER_COLUMNS)


def columns_for(kind: str | None, *, without: Sequence[Column] = ()) -> tuple[Column, ...]:
    """Return the columns beside the name for entities of a kind; None for a list of several kinds.

    ``without`` leaves out what is the same on each row. A namespace has no column: it stands beside the name of those
    entities that aren't in the default one.
    """
    columns = MIXED_COLUMNS if kind is None else COLUMNS.get(kind, OTHER_COLUMNS)
    return tuple(column for column in columns if column not in without)


def entity_rows(entities: Iterable[Entity], columns: Sequence[Column], titles: Titles | None = None) -> list[EntityRow]:
    """Return the rows of entities, in their order. ``titles`` names owners and systems; what it lacks is missing."""
    return [_row(entity, columns, titles) for entity in entities]


def _row(entity: Entity, columns: Sequence[Column], titles: Titles | None) -> EntityRow:
    ref, title = ref_of(entity), title_of(entity)
    is_named = ref.namespace == DEFAULT_NAMESPACE or title.startswith(f"{ref.namespace}/")
    return EntityRow(
        link=entity_link(ref, {str(ref): title}),
        namespace="" if is_named else ref.namespace,
        description="" if DESCRIPTION in columns else _note(entity),
        cells=tuple(Cell(column, column.value(entity, titles)) for column in columns),
    )


def _note(entity: Entity) -> str:
    text = text_of(entity["metadata"].get("description"))
    return Truncator(text).chars(LONGEST_NOTE) if len(text) > LONGEST_NOTE else text


def refs_beside(entities: Iterable[Entity]) -> set[str]:
    """Return the refs of the owners and systems that rows of these entities name."""
    return {ref for entity in entities for ref in (*related_refs(entity, "ownedBy"), *systems_of(entity))}


def related_refs(entity: Entity, relation: str) -> list[str]:
    """Return the refs that an entity has a relation to, in order."""
    return [found["targetRef"] for found in entity.get("relations") or [] if found["type"] == relation]


def systems_of(entity: Entity) -> list[str]:
    """Return the refs of the systems that an entity is part of."""
    return [ref for ref in related_refs(entity, "partOf") if ref.startswith("system:")]


def spec_of(entity: Entity) -> Mapping[str, Any]:
    """Return the spec, empty if the entity has none: kinds of others may do without."""
    spec = entity.get("spec")
    return spec if isinstance(spec, Mapping) else {}


#: How people write the types of APIs.
_TYPE_TITLES = {"openapi": "OpenAPI", "asyncapi": "AsyncAPI", "graphql": "GraphQL", "grpc": "gRPC", "trpc": "tRPC"}


def type_title(entity: Entity) -> str:
    """Return the type as people write it; empty if the entity has none."""
    written = text_of(spec_of(entity).get("type"))
    return _TYPE_TITLES.get(written.lower(), written) if entity["kind"] == "API" else written


def lifecycle_of(entity: Entity) -> str:
    """Return the lifecycle; empty if the entity has none."""
    return text_of(spec_of(entity).get("lifecycle"))


def tags_of(entity: Entity) -> list[str]:
    """Return the tags."""
    return texts_of(entity["metadata"].get("tags"))


def targets_of(entity: Entity) -> list[str]:
    """Return what a location points at."""
    spec = spec_of(entity)
    return texts_of([spec.get("target"), *(spec.get("targets") or [])])


def text_of(value: object) -> str:
    """Return a text as it is, and "" for what a kind that nobody knows may have in its place."""
    return value if isinstance(value, str) else ""


def texts_of(values: object) -> list[str]:
    """Return the texts of a list, and none of what isn't one."""
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
