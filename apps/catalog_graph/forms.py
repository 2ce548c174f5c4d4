"""What a graph's URL asks for, in Backstage's form: ``?rootEntityRefs[]=component:default/web&maxDepth=1&…``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from django.http import QueryDict

from apps.catalog_graph.layout import Direction
from portal.entities import parse_ref
from portal.errors import InputError

#: How Backstage writes a depth without an end.
INFINITE = "∞"
#: Bends that edges may have, by Backstage's names.
SMOOTH, STEPS = "curveMonotoneX", "curveStepBefore"
#: Beyond this no text is searched for.
LONGEST_TEXT = 200
#: More roots than anybody can look at aren't read.
MOST_ROOTS = 50

# Backstage writes brackets, its serialiser also reads them with a number in between.
_LIST = re.compile(r"(?P<name>\w+)(?:\[\d*\])?")
_NUMBER = re.compile(r"\d{1,4}")


@dataclass(frozen=True, slots=True)
class GraphQuery:
    """The state of the graph. Immutable: ``with_…`` return changed copies, to make links from.

    ``roots`` are canonical refs, ``unreadable`` what was given as one and isn't. ``depth`` None has no end. Of
    ``kinds`` (lowercase) and ``relations``, none means all.
    """

    roots: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    depth: int | None = 1
    kinds: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    unidirectional: bool = True
    merge_relations: bool = True
    direction: Direction = Direction.LEFT_RIGHT
    curve: str = SMOOTH
    show_filters: bool = True
    text: str = ""

    @classmethod
    def configured(cls, config: Mapping[str, Any]) -> Self:
        """Return the graph that opens by itself. ``config`` has Backstage's keys for the page."""
        given = {name: value for name, value in config.items() if value is not None}
        depth = given.get("maxDepth", cls().depth)
        roots, unreadable = _refs(given.get("rootEntityRefs", ()))
        return cls(
            roots=roots,
            unreadable=unreadable,
            depth=None if depth == INFINITE else depth,
            kinds=_distinct(kind.lower() for kind in given.get("selectedKinds", ())),
            relations=_distinct(given.get("selectedRelations", ())),
            unidirectional=given.get("unidirectional", True),
            merge_relations=given.get("mergeRelations", True),
            direction=Direction(given.get("direction", Direction.LEFT_RIGHT)),
            curve=given.get("curve", SMOOTH),
            show_filters=given.get("showFilters", True),
        )

    @classmethod
    def parse(cls, data: QueryDict, defaults: GraphQuery) -> Self:
        """Read a query string. What it doesn't say, or says in a way that makes no sense, is as in ``defaults``.

        Of several values for one setting the last counts: a form has a hidden field under each switch.
        """
        lists: dict[str, list[str]] = {}
        for key, values in data.lists():
            match = _LIST.fullmatch(key)
            if match:
                lists.setdefault(match["name"], []).extend(value.strip() for value in values)
        last = {name: values[-1] for name, values in lists.items() if values}
        roots, unreadable = _refs(lists["rootEntityRefs"]) if "rootEntityRefs" in lists else _roots_of(defaults)
        return cls(
            roots=roots,
            unreadable=unreadable,
            depth=_depth(last.get("maxDepth"), defaults.depth),
            kinds=_chosen(lists, "selectedKinds", defaults.kinds, str.lower),
            relations=_chosen(lists, "selectedRelations", defaults.relations, str),
            unidirectional=_switch(last.get("unidirectional"), defaults.unidirectional),
            merge_relations=_switch(last.get("mergeRelations"), defaults.merge_relations),
            direction=_direction(last.get("direction"), defaults.direction),
            curve=last["curve"] if last.get("curve") in {SMOOTH, STEPS} else defaults.curve,
            show_filters=_switch(last.get("showFilters"), defaults.show_filters),
            text=last.get("text", "")[:LONGEST_TEXT],
        )

    def with_roots(self, *roots: str) -> Self:
        """Return the graph that begins elsewhere."""
        return replace(self, roots=roots, unreadable=(), text="")

    def encoder_of_roots(self, defaults: GraphQuery) -> Callable[[str], str]:
        """Return what gives the query string of this graph around another entity, for when there are many."""
        others = replace(self, roots=(), text="").encode(replace(defaults, roots=()))
        return lambda ref: "&".join(filter(None, (_encoded([("rootEntityRefs[]", ref)]), others)))

    def encode(self, defaults: GraphQuery) -> str:
        """Return the query string, the shortest that gives this graph where ``defaults`` hold."""
        pairs: list[tuple[str, str]] = []
        for name, values, usual in (
            ("rootEntityRefs[]", self.roots, defaults.roots),
            ("selectedKinds[]", self.kinds, defaults.kinds),
            ("selectedRelations[]", self.relations, defaults.relations),
        ):
            if values != usual:
                pairs += [(name, value) for value in values or ("",)]
        for name, value, usual_value in (
            ("maxDepth", _text_of(self.depth), _text_of(defaults.depth)),
            ("unidirectional", _text_of(self.unidirectional), _text_of(defaults.unidirectional)),
            ("mergeRelations", _text_of(self.merge_relations), _text_of(defaults.merge_relations)),
            ("direction", self.direction, defaults.direction),
            ("curve", self.curve, defaults.curve),
            ("showFilters", _text_of(self.show_filters), _text_of(defaults.show_filters)),
            ("text", self.text, ""),
        ):
            if value != usual_value:
                pairs.append((name, value))
        return _encoded(pairs)


def _encoded(pairs: Sequence[tuple[str, str]]) -> str:
    # Brackets are left as they are: people read and write these addresses.
    return urlencode(pairs, safe="[]:/")


def _refs(texts: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the refs among texts, canonical, and the texts that are none."""
    refs, others = [], []
    for text in _distinct(texts)[:MOST_ROOTS]:
        try:
            refs.append(str(parse_ref(text)))
        except InputError:
            others.append(text)
    return _distinct(refs), tuple(others)


def _roots_of(query: GraphQuery) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return query.roots, query.unreadable


def _chosen(lists: Mapping[str, list[str]], name: str, usual: tuple[str, ...], read: Any) -> tuple[str, ...]:
    return _distinct(read(value) for value in lists[name]) if name in lists else usual


def _depth(text: str | None, usual: int | None) -> int | None:
    if text is not None and (text in {"", INFINITE} or text.lower() == "infinity"):
        return None
    return int(text) if text and _NUMBER.fullmatch(text) and text.isascii() else usual


def _switch(text: str | None, usual: bool) -> bool:
    return text == "true" if text in {"true", "false"} else usual


def _direction(text: str | None, usual: Direction) -> Direction:
    try:
        return Direction(text or usual)
    except ValueError:
        return usual


def _text_of(value: bool | int | None) -> str:
    if value is None:
        return INFINITE
    return str(value).lower()


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
