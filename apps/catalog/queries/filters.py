"""What a filter says, whichever syntax it was written in, and how it is asked of the search index."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from apps.catalog.models import NO_VALUE, SearchEntry


@dataclass(frozen=True)
class Matches:
    """The entity has ``key``, with one of ``values`` (None: with any). Case doesn't count."""

    key: str
    values: tuple[str, ...] | None = None


@dataclass(frozen=True)
class HasPrefix:
    """The entity has ``key`` with a value that starts like this."""

    key: str
    prefix: str


@dataclass(frozen=True)
class AllOf:
    """Every one holds; of none, that's true."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one holds; of none, that's false."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True)
class NoneOf:
    """It doesn't hold."""

    filter: Filter


#: The index has no longer values.
MAX_VALUE = 200

Filter = Matches | HasPrefix | AllOf | AnyOf | NoneOf

EVERYTHING = AllOf(())
NOTHING = AnyOf(())


def both(first: Filter, second: Filter) -> Filter:
    """Return what holds where both hold, without needless nesting."""
    if first == EVERYTHING:
        return second
    return first if second == EVERYTHING else AllOf((first, second))


def condition(filter: Filter, *, id_field: str) -> Q:
    """Return the database condition on rows whose ``id_field`` is an entity's id."""
    match filter:
        case Matches() | HasPrefix():
            return Q(**{f"{id_field}__in": _entries(filter).values("entity_id")})
        case AllOf(parts):
            return Q(*(inner for part in parts if (inner := condition(part, id_field=id_field))))
        case AnyOf(()):
            # Django has no plain "false"; an empty list becomes one without asking the database.
            return Q(**{f"{id_field}__in": []})
        case AnyOf(parts):
            choices = [condition(part, id_field=id_field) for part in parts]
            # An empty Q holds everywhere, yet Django leaves it out of an "or".
            return Q(*choices, _connector=Q.OR) if all(choices) else Q()
        case NoneOf(part):
            # The negation of an empty Q is an empty Q; what holds everywhere must be turned round by hand.
            inner = condition(part, id_field=id_field)
            return ~inner if inner else condition(NOTHING, id_field=id_field)


def _entries(filter: Matches | HasPrefix) -> QuerySet[SearchEntry]:
    entries = SearchEntry.objects.filter(key=filter.key.lower()).order_by()
    if isinstance(filter, HasPrefix):
        if len(filter.prefix) > MAX_VALUE:
            return entries.none()
        return entries.filter(value__startswith=filter.prefix.lower()).exclude(value=NO_VALUE)
    if filter.values is None:
        return entries
    values = {value.lower() for value in filter.values} - {NO_VALUE}
    return entries.filter(value=values.pop()) if len(values) == 1 else entries.filter(value__in=values)
