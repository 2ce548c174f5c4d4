"""Single entities, entities by ref, and the lists of ``GET /entities``. Everything returned is stored JSON text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from django.db.models import F, FilteredRelation, Q, Value
from django.db.models.functions import NullIf

from apps.catalog.models import NO_VALUE, FinalEntity
from apps.catalog.queries.bounds import MAX_ROWS, MAX_VALUES
from apps.catalog.queries.filters import EVERYTHING, Filter, both, condition
from apps.catalog.queries.paging import Order, sorted_entities
from apps.catalog.queries.visibility import visible_to
from portal.credentials import Credentials
from portal.databases import stream_texts
from portal.entities import EntityRef
from portal.errors import InputError, NotFoundError

#: How many entities a streamed list holds in memory at a time.
STREAM_CHUNK = 500


def entity_by_ref(ref: EntityRef, *, credentials: Credentials) -> str:
    """Return an entity. Raises ``NotFoundError`` if there is none, or none that may be seen."""
    found = _seen(Q(entity_ref=str(ref)), credentials)
    if found is None:
        raise NotFoundError(
            f"No entity named '{ref.name}' found, with kind '{ref.kind}' in namespace '{ref.namespace}'."
        )
    return found


def entity_by_uid(uid: str, *, credentials: Credentials) -> str:
    """Return an entity by ``metadata.uid``. Raises ``NotFoundError``."""
    try:
        found = _seen(Q(entity_id=UUID(uid)), credentials)
    except ValueError:
        found = None
    if found is None:
        raise NotFoundError(f"No entity with uid {uid}.")
    return found


def _seen(wanted: Q, credentials: Credentials) -> str | None:
    seen = condition(visible_to(credentials), id_field="entity_id")
    return FinalEntity.objects.filter(wanted & seen).values_list("final_entity", flat=True).first()


def entities_by_refs(refs: Sequence[str], *, credentials: Credentials, filter: Filter = EVERYTHING) -> list[str | None]:
    """Return an entity for each ref, in their order and with their doubles; None where there is none.

    The refs are compared as they stand: one that isn't canonical finds nothing, as in Backstage.
    """
    seen = condition(both(filter, visible_to(credentials)), id_field="entity_id")
    rows = FinalEntity.objects.filter(seen).values_list("entity_ref", "final_entity")
    wanted = list(set(refs))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), MAX_VALUES):
        found |= rows.filter(entity_ref__in=wanted[start : start + MAX_VALUES])
    return [found.get(ref) for ref in refs]


def list_entities(
    *, credentials: Credentials, filter: Filter = EVERYTHING, order: Order | None = None
) -> Iterator[str]:
    """Yield every entity, a few hundred in memory at a time.

    Ordered by id, or by one field; entities without that field are left out then, and one with several values of it
    comes as often.
    """
    rows = sorted_entities(both(filter, visible_to(credentials)), order)
    return stream_texts(rows.values_list("final_entity", flat=True), chunk=STREAM_CHUNK)


@dataclass(frozen=True)
class OffsetPage:
    """A page of ``GET /entities`` and where the next one starts; None if this is the last."""

    items: list[str]
    next_offset: int | None = None
    limit: int | None = None

    @property
    def after(self) -> str | None:
        """The opaque text that asks for the next page."""
        if self.next_offset is None:
            return None
        return base64.b64encode(orjson.dumps({"limit": self.limit, "offset": self.next_offset})).decode()


def parse_after(after: str) -> tuple[int | None, int | None]:
    """Return limit and offset from an ``after`` text. Raises ``InputError`` if it isn't one of ours."""
    try:
        value = orjson.loads(base64.b64decode(after, validate=False))
        limit, offset = value.get("limit"), value.get("offset")
    except (binascii.Error, ValueError, AttributeError):
        raise InputError("The parameter 'after' isn't one that this portal gave; start over without it.") from None
    for number in (limit, offset):
        if number is not None and (type(number) is not int or not 0 <= number <= MAX_ROWS):
            raise InputError("The parameter 'after' isn't one that this portal gave; start over without it.")
    return limit, offset


def list_entities_by_offset(
    *,
    credentials: Credentials,
    filter: Filter = EVERYTHING,
    orders: Sequence[Order] = (),
    limit: int | None = None,
    offset: int | None = None,
) -> OffsetPage:
    """Return one page by offset.

    Several orders count. Entities without a field come last, and so does everything if the field's name isn't
    lowercase, which is how the index spells it: Backstage answers so, and clients may rely on it.
    """
    seen = condition(both(filter, visible_to(credentials)), id_field="entity_id")
    rows = FinalEntity.objects.filter(seen)
    columns = []
    for number, order in enumerate(orders):
        joined = f"order_{number}"
        at_key = Q(search_entries__key=order.field)
        rows = rows.annotate(**{joined: FilteredRelation("search_entries", condition=at_key)})
        value = NullIf(F(f"{joined}__value"), Value(NO_VALUE))
        columns.append(value.desc(nulls_last=True) if order.descending else value.asc(nulls_last=True))
    rows = rows.order_by(*columns, "entity_id") if columns else rows.order_by("entity_ref")
    start = offset or 0
    texts = rows.values_list("final_entity", flat=True)
    if limit is None:
        return OffsetPage(list(texts[start:]))
    items = list(texts[start : start + limit + 1])
    if len(items) <= limit:
        return OffsetPage(items)
    return OffsetPage(items[:limit], next_offset=start + limit, limit=limit)


def count_entities(*, credentials: Credentials, filter: Filter = EVERYTHING) -> int:
    """Return how many entities there are to be seen."""
    return FinalEntity.objects.filter(condition(both(filter, visible_to(credentials)), id_field="entity_id")).count()
