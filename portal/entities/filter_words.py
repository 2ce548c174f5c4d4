"""Entity filters in their older form, a line of words: ``kind:component,api not:type:library is:orphan``.

Words are AND-ed, the parameters after a colon OR-ed. Deprecated in Backstage in favour of predicates, but still found
in configurations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from portal.entities.annotations import ANNOTATION_ORPHAN
from portal.entities.entity import Entity

_WORD = re.compile(r"(?P<negated>not:)?(?P<key>[^:]+):(?P<parameters>.+)")

_States = dict[str, Callable[[Entity], bool]]

#: Parameters of ``is:`` and ``has:``.
_STATES: dict[str, _States] = {
    "is": {"orphan": lambda entity: bool((entity["metadata"].get("annotations") or {}).get(ANNOTATION_ORPHAN))},
    "has": {
        "labels": lambda entity: bool(entity["metadata"].get("labels")),
        "links": lambda entity: bool(entity["metadata"].get("links")),
    },
}


class FilterWord(NamedTuple):
    """One condition of a line of words; ``parameters`` are in lowercase."""

    key: str
    parameters: tuple[str, ...]
    negated: bool

    def matches(self, entity: Entity) -> bool:
        """Tell whether ``entity`` meets the condition."""
        return self._is_met(entity) != self.negated

    def _is_met(self, entity: Entity) -> bool:
        if self.key == "kind":
            return entity["kind"].lower() in self.parameters
        if self.key == "type":
            value = (entity.get("spec") or {}).get("type")
            return isinstance(value, str) and value.lower() in self.parameters
        states = [_STATES[self.key][name] for name in self.parameters if name in _STATES[self.key]]
        return any(state(entity) for state in states) if states else True


class FilterLine(NamedTuple):
    """The words of a line that can be understood, and what is wrong with the others."""

    words: tuple[FilterWord, ...]
    problems: tuple[str, ...]

    def matches(self, entity: Entity) -> bool:
        """Tell whether ``entity`` meets all conditions that could be understood."""
        return all(word.matches(entity) for word in self.words)


@lru_cache(maxsize=256)
def parse_filter_line(text: str) -> FilterLine:
    """Return the words of a line; those that make no sense are left out and told as problems."""
    words, problems = [], []
    for part in text.split():
        match = _WORD.fullmatch(part)
        if match is None:
            problems.append(f'"{part}" is not a filter; expected <key>:<value>[,<value>…]')
            continue
        key = match["key"]
        if key not in ("kind", "type", *_STATES):
            problems.append(f'"{key}" is not a key to filter by; expected {_listed(("kind", "type", *_STATES))}')
            continue
        parameters = tuple(parameter.lower() for parameter in match["parameters"].split(",") if parameter)
        problems += [
            f'"{parameter}" can\'t follow "{key}:"; expected {_listed(_STATES[key])}'
            for parameter in parameters
            if key in _STATES and parameter not in _STATES[key]
        ]
        words.append(FilterWord(key, parameters, negated=match["negated"] is not None))
    return FilterLine(tuple(words), tuple(problems))


def _listed(names: Iterable[str]) -> str:
    return " or ".join(names)
