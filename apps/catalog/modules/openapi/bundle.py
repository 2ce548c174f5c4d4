"""Puts all that the references of a document lead to into that one document.

The result is what ``@apidevtools/json-schema-ref-parser`` calls a bundle: of the references to a value in another file
one is replaced by the value, and the others point there. So nothing is repeated, and circles stay finite. References
within the first file stay as they are.

The value's home is the place nearest to the top whose reference leads to it directly, and says nothing but that: where
``$ref`` has neighbours, these belong to the place and not to the value. A value with none but such references is
written out, with the neighbours taking precedence, at each of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from apps.catalog.extension_points import JSON
from apps.catalog.modules.openapi.documents import (
    MAX_HOPS,
    MAX_VALUES,
    Document,
    Documents,
    Target,
    is_reference,
)
from apps.catalog.modules.openapi.pointers import Tokens, Trail, write_fragment
from portal.entities import LocationRef
from portal.errors import InputError, PortalError

#: Objects and lists inside each other in the result.
MAX_DEPTH = 200
#: Values that are written out because only references with neighbours lead to them.
MAX_COPIES = 20_000

_Key = tuple[LocationRef, Tokens]


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in the result, which holds an original value until it is visited."""

    container: Any
    key: Any
    #: Where in the result it is.
    path: Trail
    #: Where the value in it comes from.
    document: Document
    source: Trail


def bundle(documents: Documents) -> JSON:
    """Return the first of the documents with all others in it. Raises ``InputError`` naming the reference at fault."""
    return _Bundler(documents).bundle()


class _Bundler:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._root = documents.root
        #: Visited in the order of their depth, as far as it is known.
        self._places: deque[_Place] = deque()
        #: Places whose references aren't suited for a home, or not yet.
        self._deferred: deque[_Place] = deque()
        self._homes: dict[_Key, Tokens] = {}
        #: Where values are written out together with neighbours of their references.
        self._merged: dict[_Key, set[Tokens]] = {}
        self._copies = 0
        self._values = 0

    def bundle(self) -> JSON:
        top = [self._root.value]
        self._places.append(_Place(top, 0, Trail(), self._root, Trail()))
        while self._places or self._deferred:
            deferred = not self._places
            place = self._deferred.popleft() if deferred else self._places.popleft()
            node = place.container[place.key]
            if not is_reference(node):
                self._fill(place, [(place, node)])
                continue
            try:
                self._follow(place, node, deferred=deferred)
            except PortalError as error:
                raise InputError(
                    f"{error} The reference '{node['$ref']}' is in {place.document.name} at {place.source}.",
                    cause=error,
                ) from error
        return top[0]

    def _follow(self, place: _Place, node: dict[str, JSON], *, deferred: bool) -> None:
        target = self._documents.find(node["$ref"], place.document)
        is_plain = len(node) == 1
        home = self._home_of(target)
        if home is None and not deferred and not (is_plain and target.direct):
            self._deferred.append(place)
            return
        if home is None and not is_plain:
            home = self._merged_around(place, target)
        if home is not None:
            self._point(place, node, home, is_local=place.document is self._root and target.direct)
        elif is_plain:
            self._settle(place, target)
        else:
            self._merge(place, node, target)

    def _home_of(self, target: Target) -> Tokens | None:
        """Return where in the result a value is, by itself or in a larger one."""
        if target.document is self._root:
            return target.tokens
        for length in range(len(target.tokens), -1, -1):
            home = self._homes.get((target.document.location, target.tokens[:length]))
            if home is not None:
                return home + target.tokens[length:]
        return None

    def _merged_around(self, place: _Place, target: Target) -> Tokens | None:
        """Return where the value is written out, if the place is inside of that: else it would never end."""
        written, path = self._merged.get(target.key, set()), place.path.tokens()
        return next((path[:length] for length in range(len(path), -1, -1) if path[:length] in written), None)

    def _point(self, place: _Place, node: dict[str, JSON], home: Tokens, *, is_local: bool) -> None:
        """Let a reference lead to a place in the result."""
        if home == place.path.tokens():
            raise self._documents.error("a reference leads to nothing but itself.")
        written = node["$ref"] if is_local and node["$ref"].startswith("#") else write_fragment(home)
        self._fill(place, [(place, node)], reference=written)

    def _settle(self, place: _Place, target: Target) -> None:
        """Make a place the home of a value. A value that is neither object nor list needs none."""
        place.container[place.key] = target.value
        if isinstance(target.value, dict | list):
            self._homes[target.key] = place.path.tokens()
            self._places.appendleft(_come_from(place, target))

    def _merge(self, place: _Place, node: dict[str, JSON], target: Target) -> None:
        """Write a value out, with the neighbours of its reference and of those that are passed on the way to it."""
        self._copies += 1
        if self._copies > MAX_COPIES:
            raise self._documents.error(
                f"more than {MAX_COPIES:,} values would be repeated, since each reference to them has neighbours. "
                f"Refer to them by a $ref alone in one place, such as components."
            )
        self._merged.setdefault(target.key, set()).add(place.path.tokens())
        layers = [(place, node)]
        while is_reference(target.value):
            if len(layers) > MAX_HOPS:
                raise self._documents.error(f"it passes more than {MAX_HOPS} references, and seems to go in a circle.")
            layers.append((_come_from(place, target), target.value))
            target = self._documents.find(target.value["$ref"], target.document)
        if isinstance(target.value, dict):
            self._fill(place, [*layers, (_come_from(place, target), target.value)])
        else:
            place.container[place.key] = target.value
            self._places.appendleft(_come_from(place, target))

    def _fill(self, place: _Place, layers: list[tuple[_Place, JSON]], *, reference: str | None = None) -> None:
        """Put a copy of a value, or of several objects of which earlier ones take precedence, into a place."""
        value = layers[0][1]
        if not isinstance(value, dict | list):
            return
        if place.path.depth >= MAX_DEPTH:
            raise self._documents.error(
                f"the bundled definition is nested more than {MAX_DEPTH} deep, with {place.document.name} in it at "
                f"{place.path}."
            )
        copy: Any = {} if isinstance(value, dict) else [None] * len(value)
        if reference is not None:
            copy["$ref"] = reference
        merges = len(layers) > 1
        for origin, layer in layers:
            for key, member in _members(layer):
                if isinstance(copy, dict) and (key in copy or (merges and key == "$ref" and isinstance(member, str))):
                    continue
                copy[key] = member
                if isinstance(member, dict | list):
                    token = str(key)
                    path, source = place.path.to(token), origin.source.to(token)
                    self._places.append(_Place(copy, key, path, origin.document, source))
        self._values += len(copy)
        if self._values > MAX_VALUES:
            raise self._documents.error(f"the bundled definition would hold more than {MAX_VALUES:,} values.")
        place.container[place.key] = copy


def _come_from(place: _Place, target: Target) -> _Place:
    """Return a place for a value that comes from elsewhere."""
    return replace(place, document=target.document, source=Trail.of(target.tokens))


def _members(value: JSON) -> Iterable[tuple[Any, JSON]]:
    return value.items() if isinstance(value, dict) else enumerate(value)
