"""What a filter says, whichever syntax it was written in. How it is asked of a database stands in ``sql``."""

from __future__ import annotations

from dataclasses import dataclass


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
class Contains:
    """The entity has one of ``keys`` with a value that has ``text`` inside; ``%`` and ``_`` may stand for others."""

    keys: tuple[str, ...]
    text: str
    wildcards: bool = False


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


Filter = Matches | HasPrefix | Contains | AllOf | AnyOf | NoneOf

EVERYTHING = AllOf(())
NOTHING = AnyOf(())


def both(first: Filter, second: Filter) -> Filter:
    """Return what holds where both hold, without needless nesting."""
    if first == EVERYTHING:
        return second
    return first if second == EVERYTHING else AllOf((first, second))


def conjuncts(filter: Filter) -> list[Filter]:
    """Return filters that hold all together where this one holds, none of which is an ``AllOf``."""
    if not isinstance(filter, AllOf):
        return [filter]
    return [part for inner in filter.filters for part in conjuncts(inner)]


def one_kind(filter: Filter) -> str | None:
    """Return the kind, in lowercase, of all entities for which a filter holds, if it asks for one."""
    for part in conjuncts(filter):
        if isinstance(part, Matches) and part.key.lower() == "kind" and part.values and len(part.values) == 1:
            return part.values[0].lower()
    return None
