"""Location refs, ``<type>:<target>``: where entities come from, such as ``url:https://git.example/catalog-info.yaml``."""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from typing import NamedTuple

from portal.entities.annotations import ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION, ANNOTATION_SOURCE_LOCATION
from portal.entities.entity import Entity
from portal.entities.refs import ref_of
from portal.errors import InputError


def _scheme(name: str) -> str:
    """Return a pattern for a scheme as browsers read it: line breaks and tabs don't count."""
    return r"[\r\n\t]*".join(name) + r"[\r\n\t]*:"


#: Control characters and spaces before it don't count either.
_SCRIPT_URL = re.compile(rf"[\x00-\x20]*{_scheme('javascript')}", re.IGNORECASE)
_UNSAFE_LINK = re.compile(
    rf"[\x00-\x20]*(?:{'|'.join(map(_scheme, ('javascript', 'vbscript', 'data')))})", re.IGNORECASE
)


class LocationRef(NamedTuple):
    """A kind of place and a place of that kind; ``str()`` gives ``<type>:<target>``.

    ``str()`` raises ``InputError`` if a part is empty, if the target would run a script when clicked, or if there is a
    NUL character in it.
    """

    type: str
    target: str

    def __str__(self) -> str:
        if not self.type or not self.target:
            raise InputError(f"A location needs a type and a target, but found {tuple(self)!r}.")
        text = f"{self.type}:{self.target}"
        _require_sound(text, self.target)
        return text


#: Very many entities come from one file.
@lru_cache(maxsize=1024)
def parse_location_ref(text: str) -> LocationRef:
    """Return the parts of a location ref, without the space around them.

    Raise ``InputError`` if a part is empty, if the type is missing before a web address, if the target is a
    ``javascript:`` address, or if there is a NUL character in it.
    """
    kind, colon, target = text.partition(":")
    kind, target = kind.strip(), target.strip()
    if not (colon and kind and target):
        raise InputError(
            f'"{text}" is not a location; expected <type>:<target>, such as url:https://git.example/catalog-info.yaml.'
        )
    if kind in ("http", "https"):
        raise InputError(f'"{text}" is not a location; put its type before the address: url:{text.strip()}.')
    _require_sound(text, target)
    return LocationRef(kind, target)


def location_entity_name(location_type: str, target: str) -> str:
    """Return the name of the Location entity that stands for a registered or configured location."""
    digest = hashlib.sha1(f"{location_type}:{target}".encode(), usedforsecurity=False).hexdigest()
    return f"generated-{digest}"


def location_of(entity: Entity) -> LocationRef:
    """Return the location of the file that an entity came from; raise ``InputError`` if it has none."""
    return _annotated_location(entity, ANNOTATION_LOCATION)


def origin_location_of(entity: Entity) -> LocationRef:
    """Return the registered location that an entity came from in the end; raise ``InputError`` if it has none."""
    return _annotated_location(entity, ANNOTATION_ORIGIN_LOCATION)


def source_location_of(entity: Entity) -> LocationRef:
    """Return the location of an entity's sources, else of its file; raise ``InputError`` if it has neither."""
    return _annotated_location(entity, ANNOTATION_SOURCE_LOCATION, ANNOTATION_LOCATION)


def is_unsafe_link(text: str) -> bool:
    """Tell whether ``text`` has no business being a link's address: it runs as a script, or brings its own page."""
    return _UNSAFE_LINK.match(text) is not None


def is_script_url(text: str) -> bool:
    """Tell whether a browser would run ``text`` as a script if it were a link's address."""
    return _SCRIPT_URL.match(text) is not None


def _annotated_location(entity: Entity, *annotations: str) -> LocationRef:
    present = entity["metadata"].get("annotations") or {}
    for annotation in annotations:
        if text := present.get(annotation):
            return parse_location_ref(text)
    raise InputError(f"The entity {ref_of(entity)} has no annotation {' or '.join(annotations)}.")


def _require_sound(text: str, target: str) -> None:
    if is_script_url(target):
        raise InputError(
            f'"{text}" is not a location; its target is a javascript: address, which could run in a reader\'s browser.'
        )
    if "\0" in text:
        raise InputError(f"{json.dumps(text)} is not a location; it holds a NUL character.")
