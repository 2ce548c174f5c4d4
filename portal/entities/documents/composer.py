"""Builds the value of one YAML document from the parser's events.

The events are read one at a time and the nesting is kept on a list, so that neither depth nor repetition can exhaust
stack or memory before the limits below are noticed.
"""

from __future__ import annotations

from typing import Any, NoReturn

import yaml

from portal.entities.documents.scalars import plain_scalar, tagged_scalar
from portal.entities.javascript import js_text

#: Objects and lists inside each other. JSON libraries have limits of their own, from about 250 on.
MAX_DEPTH = 100
#: Characters and values that aliases may repeat in a document, together: more is an expansion bomb.
MAX_REPEATED = 1_000_000

#: libyaml's parser where PyYAML was built with it, else the same in Python.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NO_KEY: Any = object()
#: In the place of an anchor's value while that is being built.
_UNFINISHED: Any = object()
_TOO_DEEP = f"objects and lists are nested more than {MAX_DEPTH} deep"


class CompositionError(Exception):
    """A document that can be parsed but not be built; ``line`` and ``column`` count from 0."""

    def __init__(self, problem: str, *, line: int, column: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column


class _Frame:
    """An object or list that is being filled, and the key that waits for its value."""

    __slots__ = ("anchor", "key", "value")

    def __init__(self, value: dict[str, Any] | list[Any], anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.key: Any = _NO_KEY


def compose_all(text: str) -> list[Any]:
    """Return the values of all documents in ``text``; an empty document is None.

    Raise ``yaml.YAMLError`` if the text isn't YAML, ``CompositionError`` if a limit is exceeded, a key is used twice
    in an object, or an alias has no anchor before it.
    """
    loader = _Loader(text)
    try:
        return _Composer(loader).compose_all()
    finally:
        loader.dispose()


class _Composer:
    def __init__(self, loader: Any) -> None:
        self._next_event = loader.get_event
        self._documents: list[Any] = []
        self._start_document()

    def _start_document(self) -> None:
        self._frames: list[_Frame] = []
        self._anchors: dict[str, Any] = {}
        self._repeated = 0

    def compose_all(self) -> list[Any]:
        while True:
            event = self._next_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._add_scalar(event)
            elif kind is yaml.MappingStartEvent:
                self._open({}, event)
            elif kind is yaml.SequenceStartEvent:
                self._open([], event)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close(event)
            elif kind is yaml.AliasEvent:
                self._add_alias(event)
            elif kind is yaml.DocumentStartEvent:
                self._start_document()
            elif kind is yaml.StreamEndEvent:
                return self._documents

    def _add_scalar(self, event: yaml.ScalarEvent) -> None:
        text = event.value
        if "\0" in text:
            _fail("a text holds a NUL character, which can't be stored", event)
        if event.tag is not None:
            value = tagged_scalar(text, event.tag)
        elif event.implicit[0]:
            value = plain_scalar(text)
        else:
            value = text
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        self._add(value, event)

    def _add_alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self._anchors:
            _fail(f'the alias "*{event.anchor}" has no anchor "&{event.anchor}" before it', event)
        value = self._anchors[event.anchor]
        if value is _UNFINISHED:
            _fail(f'the alias "*{event.anchor}" stands inside the value that it repeats', event)
        weight, height = _measured(value)
        if len(self._frames) + height > MAX_DEPTH:
            _fail(_TOO_DEEP, event)
        self._repeated += weight
        if self._repeated > MAX_REPEATED:
            _fail(
                f"aliases repeat more than {MAX_REPEATED:,} characters and values; write out less, or use fewer", event
            )
        self._add(_copied(value), event)

    def _open(self, value: dict[str, Any] | list[Any], event: yaml.CollectionStartEvent) -> None:
        frames = self._frames
        if len(frames) >= MAX_DEPTH:
            _fail(_TOO_DEEP, event)
        if frames and frames[-1].key is _NO_KEY and isinstance(frames[-1].value, dict):
            _fail("a key must be a text, not an object or a list", event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _UNFINISHED
        frames.append(_Frame(value, event.anchor))

    def _close(self, event: yaml.CollectionEndEvent) -> None:
        frame = self._frames.pop()
        if frame.anchor is not None:
            self._anchors[frame.anchor] = frame.value
        self._add(frame.value, event)

    def _add(self, value: Any, event: yaml.Event) -> None:
        if not self._frames:
            self._documents.append(value)
            return
        frame = self._frames[-1]
        container = frame.value
        if isinstance(container, list):
            container.append(value)
        elif frame.key is _NO_KEY:
            if isinstance(value, dict | list):
                _fail("a key must be a text, not an object or a list", event)
            key = "" if value is None else js_text(value)
            if key in container:
                _fail(f'the key "{key}" stands twice in the same object', event)
            frame.key = key
        else:
            container[frame.key] = value
            frame.key = _NO_KEY


def _measured(value: Any) -> tuple[int, int]:
    """Return the number of values and characters in a value, and how deep it is nested.

    This takes as long as the weight is large; so what all aliases of a document may repeat limits what this may take.
    """
    if isinstance(value, str):
        return 1 + len(value), 0
    if not isinstance(value, dict | list):
        return 2, 0
    weight, height = 1, 0
    if isinstance(value, dict):
        weight += sum(1 + len(key) for key in value)
    for member in value.values() if isinstance(value, dict) else value:
        inner, depth = _measured(member)
        weight, height = weight + inner, max(height, depth)
    return weight, height + 1


def _copied(value: Any) -> Any:
    """Return a value of its own for an alias, so that changing it later changes nothing else."""
    if isinstance(value, dict):
        return {key: _copied(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


def _fail(problem: str, event: Any) -> NoReturn:
    raise CompositionError(problem, line=event.start_mark.line, column=event.start_mark.column)
