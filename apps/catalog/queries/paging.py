"""``by-query``: pages that are walked with cursors, forward and back, however much the catalog changes meanwhile."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field, replace
from typing import Any, Self

import jsonschema_rs
import orjson
from django.db.models import CharField, F, Lookup, Q, QuerySet, Value
from django.db.models.functions import NullIf

from apps.catalog.models import NO_VALUE, FinalEntity, SearchEntry
from apps.catalog.queries.filters import EVERYTHING, Filter, both, condition
from portal.errors import InputError

DEFAULT_LIMIT = 200
#: SQLite takes patterns of 50,000 bytes.
MAX_TERM = 10_000


@CharField.register_lookup
class Like(Lookup):
    """SQL's ``LIKE`` as it is: ``%`` and ``_`` in the term are wildcards, as they are for Backstage's clients."""

    lookup_name = "like"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Compare without an escape character, so that a backslash is a backslash."""
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        no_escape = " ESCAPE ''" if connection.vendor == "postgresql" else ""
        return f"{left} LIKE {right}{no_escape}", [*left_params, *right_params]


@dataclass(frozen=True)
class Order:
    """A field to sort by."""

    field: str
    descending: bool = False


@dataclass(frozen=True)
class FullText:
    """A text to look for inside the values of some fields; of none given, in the field that is sorted by, else the
    uid.
    """

    term: str
    fields: tuple[str, ...] = ()


Position = tuple[str | None, ...]


@dataclass(frozen=True)
class Cursor:
    """A question and a place in its answer. Travels as base64 of JSON; what clients may see is filled in anew each
    time.
    """

    orders: tuple[Order, ...] = ()
    full_text: FullText | None = None
    #: The question's filter as it was asked: ``filter`` texts, and a predicate.
    filters: tuple[str, ...] = ()
    query: Any = None
    #: Sort value (if sorted) and id of the entity next to the page, and of the very first one.
    position: Position | None = None
    first: Position | None = None
    backwards: bool = False
    total: int | None = None

    def encode(self) -> str:
        """Return the text that clients hand back."""
        value: dict[str, Any] = {
            "orderFields": [{"field": o.field, "order": "desc" if o.descending else "asc"} for o in self.orders],
            "isPrevious": self.backwards,
            "orderFieldValues": self.position,
            "firstSortFieldValues": self.first,
            "totalItems": self.total,
        }
        if self.full_text:
            value["fullTextFilter"] = {"term": self.full_text.term, "fields": self.full_text.fields}
        if self.filters:
            value["filters"] = self.filters
        if self.query is not None:
            value["query"] = self.query
        return base64.b64encode(orjson.dumps(value)).decode()

    @classmethod
    def decode(cls, text: str) -> Self:
        """Read a client's text. Raises ``InputError`` if it isn't one that ``encode`` gave."""
        try:
            decoded = base64.b64decode(text, validate=True)
            # No database looks for a NUL character, and no cursor of ours holds one.
            value: Any = None if b"\\u0000" in decoded else orjson.loads(decoded)
        except (binascii.Error, ValueError):
            value = None
        if not _IS_CURSOR.is_valid(value) or len(value["orderFieldValues"]) != (2 if value["orderFields"] else 1):
            raise InputError("Malformed cursor: it isn't one that this portal gave. Start over without a cursor.")
        full_text = value.get("fullTextFilter")
        return cls(
            orders=tuple(Order(o["field"], descending=o["order"] == "desc") for o in value["orderFields"]),
            full_text=FullText(full_text["term"], tuple(full_text["fields"])) if full_text else None,
            filters=tuple(value.get("filters", ())),
            query=value.get("query"),
            position=tuple(value["orderFieldValues"]),
            first=tuple(value["firstSortFieldValues"]),
            backwards=value["isPrevious"],
            total=value["totalItems"],
        )


_TEXTS = {"type": "array", "items": {"type": "string"}}
_POSITION = {
    "anyOf": [
        {"type": "array", "prefixItems": prefix, "minItems": len(prefix), "maxItems": len(prefix)}
        for uid in [{"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}]
        for prefix in ([uid], [{"type": ["string", "null"]}, uid])
    ]
}
#: Clients may make cursors up; what comes back must be of the shape that went out.
_IS_CURSOR = jsonschema_rs.validator_for(
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "orderFields": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"field": {"type": "string"}, "order": {"enum": ["asc", "desc"]}},
                    "required": ["field", "order"],
                },
            },
            "orderFieldValues": _POSITION,
            "firstSortFieldValues": _POSITION,
            "isPrevious": {"type": "boolean"},
            "totalItems": {"type": "integer"},
            "filters": _TEXTS,
            "fullTextFilter": {
                "type": "object",
                "properties": {"term": {"type": "string"}, "fields": _TEXTS},
                "required": ["term", "fields"],
            },
        },
        "required": ["orderFields", "orderFieldValues", "firstSortFieldValues", "isPrevious", "totalItems"],
    }
)


@dataclass(frozen=True)
class EntityPage:
    """A page, as stored JSON texts, with the cursors of its neighbours."""

    items: list[str] = field(default_factory=list)
    total: int = 0
    next: Cursor | None = None
    previous: Cursor | None = None


def sorted_entities(filter: Filter, order: Order | None, full_text: FullText | None = None) -> QuerySet[FinalEntity]:
    """Return entities by id, or by one field and id. Each row bears ``sort_value``; an entity without the field has
    none.
    """
    rows = FinalEntity.objects.filter(condition(filter, id_field="entity_id"))
    if order is not None:
        # One filter() call, so that key and value belong to the same joined row.
        rows = rows.filter(search_entries__key=order.field.lower()).annotate(
            sort_value=NullIf(F("search_entries__value"), Value(NO_VALUE))
        )
    rows = rows.filter(_full_text_condition(full_text, order))
    return _in_order(rows, order, backwards=False)


def _full_text_condition(full_text: FullText | None, order: Order | None) -> Q:
    term = full_text.term.strip().lower() if full_text else ""
    if full_text is None or not term:
        return Q()
    if len(term) > MAX_TERM:
        raise InputError(f"The full text term is longer than {MAX_TERM:,} characters.")
    pattern = f"%{term}%"
    fields = full_text.fields or (order.field if order else "metadata.uid",)
    if order is not None and fields == (order.field,):
        # As in Backstage: of an entity that has several values of the field, only those that match are listed.
        return Q(sort_value__like=pattern)
    keys = [name.lower() for name in fields]
    entries = SearchEntry.objects.filter(key__in=keys, value__like=pattern).exclude(value=NO_VALUE).order_by()
    return Q(entity_id__in=entries.values("entity_id"))


def _in_order(rows: QuerySet[FinalEntity], order: Order | None, *, backwards: bool) -> QuerySet[FinalEntity]:
    descending = (order is not None and order.descending) != backwards
    by_id = F("entity_id").desc() if descending else F("entity_id").asc()
    if order is None:
        return rows.order_by(by_id)
    value = F("sort_value")
    if backwards:
        # The mirror image of "nulls last".
        by_value = value.desc(nulls_first=True) if descending else value.asc(nulls_first=True)
    else:
        by_value = value.desc(nulls_last=True) if descending else value.asc(nulls_last=True)
    return rows.order_by(by_value, by_id)


def _beyond(position: Position, order: Order | None, *, backwards: bool) -> Q:
    """Return the condition that a row lies past ``position`` in the direction of travel; nulls lie at the far end."""
    smaller = (order is not None and order.descending) != backwards
    past_id = Q(**{"entity_id__lt" if smaller else "entity_id__gt": position[-1]})
    if order is None:
        return past_id
    value = position[0]
    if value is None:
        among_nulls = Q(sort_value__isnull=True) & past_id
        return among_nulls | Q(sort_value__isnull=False) if backwards else among_nulls
    past_value = Q(**{"sort_value__lt" if smaller else "sort_value__gt": value}) | (Q(sort_value=value) & past_id)
    return past_value if backwards else past_value | Q(sort_value__isnull=True)


def query_entities(
    cursor: Cursor,
    *,
    filter: Filter,
    visible: Filter = EVERYTHING,
    limit: int = DEFAULT_LIMIT,
    offset: int = 0,
    count: bool = True,
) -> EntityPage:
    """Answer a question at a place: ``cursor`` is the question for the first page, or what an earlier page gave.

    ``filter`` is what the cursor's own filter says, parsed; ``visible`` is what the caller may see. Only the first
    order counts, as in Backstage, and entities without that field are left out, of the total too.
    """
    order = cursor.orders[0] if cursor.orders else None
    rows = sorted_entities(both(filter, visible), order, cursor.full_text)
    total = cursor.total
    if total is None:
        total = rows.order_by().count() if count else 0
    if limit == 0:
        return EntityPage(total=total)
    if cursor.position is not None:
        rows = _in_order(rows, order, backwards=cursor.backwards).filter(
            _beyond(cursor.position, order, backwards=cursor.backwards)
        )
        offset = 0
    columns = ("final_entity", "entity_id", *(("sort_value",) if order else ()))
    wanted = limit if cursor.backwards else limit + 1
    found = list(rows.values_list(*columns)[offset : offset + wanted])
    if cursor.backwards:
        found.reverse()
    more = cursor.backwards or len(found) > limit
    found = found[:limit]
    positions = [tuple(reversed([str(row[1]), *row[2:]])) for row in found]
    first = cursor.first or (positions[0] if positions else None)
    at = replace(cursor, first=first, total=total)
    return EntityPage(
        items=[row[0] for row in found],
        total=total,
        next=replace(at, position=positions[-1], backwards=False) if more and positions else None,
        previous=(
            replace(at, position=positions[0], backwards=True)
            if cursor.first is not None and positions and positions[0] != cursor.first
            else None
        ),
    )
