"""Read ``app.extensions``: which extensions are on or off, where they are attached, in which order, with what
config.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage
from jsonschema_rs import validator_for

from portal.extensions.base import Extension
from portal.extensions.inputs import AttachmentPoint
from portal.extensions.problems import malformed_entry

_FORMS = "An entry is '<id>', {<id>: true}, {<id>: false} or {<id>: {attachTo: {id, input}, disabled, config}}."
_BOOLEANS = {True: True, False: False, "true": True, "false": False, None: True}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. A ``disabled`` that isn't given counts as false: mentioning an extension enables it."""

    id: str
    disabled: bool = False
    attach_to: AttachmentPoint | None = None
    config: Mapping[str, Any] | None = None


class _Malformed(ValueError):
    """An entry breaks a rule; the message says which."""


def read_entries(value: object) -> tuple[list[Entry], list[CheckMessage]]:
    """Return the entries of ``app.extensions`` and what is wrong with the others. Nothing given means no entries."""
    if value is None:
        return [], []
    if not isinstance(value, list | tuple):
        return [], [malformed_entry(f"app.extensions is a {_type_of(value)}; it must be a list.", _FORMS)]
    entries: list[Entry] = []
    problems: list[CheckMessage] = []
    for position, item in enumerate(value):
        try:
            entries.append(_read(item))
        except _Malformed as error:
            problems.append(malformed_entry(f"app.extensions[{position}] {error}; the entry is ignored.", _FORMS))
    return entries, problems


def _read(item: object) -> Entry:
    if isinstance(item, str):
        return Entry(_id(item))
    if not isinstance(item, Mapping):
        raise _Malformed(f"is a {_type_of(item)}; it must be an extension id or a map with one")
    if len(item) != 1:
        raise _Malformed(
            f"has {len(item)} keys ({', '.join(map(str, item)) or 'none'}); it must have exactly one, an extension id"
        )
    [(key, value)] = item.items()
    extension_id = _id(key)
    if value is None or isinstance(value, bool | str):
        if value not in _BOOLEANS:
            raise _Malformed(f"gives '{extension_id}' the value {value!r}; it must be true, false or a map")
        return Entry(extension_id, disabled=not _BOOLEANS[value])
    if not isinstance(value, Mapping):
        raise _Malformed(f"gives '{extension_id}' a {_type_of(value)}; it must be true, false or a map")
    unknown = [str(name) for name in value if name not in {"attachTo", "disabled", "config"}]
    if unknown:
        raise _Malformed(f"has the unknown parameter {', '.join(unknown)} for '{extension_id}'")
    return Entry(
        extension_id,
        disabled=_disabled(extension_id, value.get("disabled")),
        attach_to=_attach_to(extension_id, value.get("attachTo")),
        config=_config(extension_id, value.get("config")),
    )


def _id(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _Malformed(f"has {value!r} where an extension id must be")
    if value != value.strip():
        raise _Malformed(f"has spaces around the extension id {value!r}")
    return value


def _disabled(extension_id: str, value: object) -> bool:
    if value is not None and not isinstance(value, bool):
        raise _Malformed(f"has disabled: {value!r} for '{extension_id}'; it must be true or false")
    return bool(value)


def _attach_to(extension_id: str, value: object) -> AttachmentPoint | None:
    if value is None:
        return None
    if (
        not isinstance(value, Mapping)
        or set(value) != {"id", "input"}
        or not all(isinstance(v, str) and v for v in value.values())
    ):
        raise _Malformed(
            f"has a wrong attachTo for '{extension_id}'; it must be {{id: <extension id>, input: <its input>}}"
        )
    return value["id"], value["input"]


def _config(extension_id: str, value: object) -> Mapping[str, Any] | None:
    if value is not None and not isinstance(value, Mapping):
        raise _Malformed(f"has a {_type_of(value)} as config of '{extension_id}'; it must be a map")
    return value


def _type_of(value: object) -> str:
    """Return a value's type in the words of YAML."""
    names = {
        dict: "map",
        list: "list",
        str: "text",
        bool: "boolean",
        int: "number",
        float: "number",
        type(None): "null",
    }
    return names.get(type(value), type(value).__name__)


@dataclass(frozen=True, slots=True)
class CheckedConfig:
    """An extension's config after its schema: complete, with the keys that it doesn't read, and the faults."""

    values: Mapping[str, Any]
    unknown: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def check_config(extension: type[Extension], given: Mapping[str, Any]) -> CheckedConfig:
    """Validate a config against the extension's schema and fill in the defaults.

    Keys that the extension doesn't read are set aside: a Backstage ``app-config.yaml`` may have more than is served.
    Raises ``ValueError`` if the schema isn't one.
    """
    schema = extension.config_schema
    known = {key: value for key, value in given.items() if key in schema}
    try:
        validator = validator_for({"type": "object", "properties": dict(schema)})
    except ValueError as error:
        raise ValueError(f"its config_schema isn't a JSON schema: {error}") from None
    try:
        faults = [
            f"{'.'.join(['config', *map(str, error.instance_path)])}: {error.message}"
            for error in validator.iter_errors(known)
        ]
    except ValueError as error:
        # YAML knows dates, and keys that are no texts; JSON, in which schemas speak, doesn't.
        faults = [f"config: {error}; put dates and keys into quotes"]
    defaults = {key: facts["default"] for key, facts in schema.items() if "default" in facts}
    return CheckedConfig(defaults | known, tuple(str(key) for key in given if key not in schema), tuple(faults))
