"""JSON Schema for entities, with failures told in words: the field, the rule, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import jsonschema_rs
import orjson

from portal.errors import InputError

#: A JSON Schema, draft 7.
Schema: TypeAlias = dict[str, Any]

#: More failures than this are counted, not told.
_MOST_TOLD = 5
_MOST_SHOWN = 60


class CompiledSchema:
    """A JSON Schema (draft 7), ready to check values."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._validator = jsonschema_rs.Draft7Validator(schema)

    def check(self, value: object, *, subject: Callable[[], str]) -> None:
        """Raise ``InputError`` if ``value`` breaks the schema.

        The message begins with what ``subject`` gives, which is asked only then, and tells every failure: the field by
        its path, the rule, and what was found.
        """
        try:
            if self._validator.is_valid(value):
                return
            failures = list(dict.fromkeys(_told(error) for error in self._validator.iter_errors(value)))
        except ValueError as error:  # nested beyond what the library goes into
            raise InputError(f"{subject()} can't be checked: {error}.", cause=error) from error
        more = f" … and {len(failures) - _MOST_TOLD} more" if len(failures) > _MOST_TOLD else ""
        raise InputError(f"{subject()}: {'; '.join(failures[:_MOST_TOLD])}{more}.")


def field_path(path: Sequence[str | int]) -> str:
    """Return the dotted path of a field, ``spec.steps.0.action``; the whole value is ``<root>``."""
    return ".".join(map(str, path)) or "<root>"


def shown(value: object) -> str:
    """Return a value as JSON, cut to a length that fits into a message."""
    try:
        text = orjson.dumps(value).decode()
    except TypeError:
        text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _told(error: jsonschema_rs.ValidationError) -> str:
    kind = error.kind
    path = list(error.instance_path)
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        return f'"{field_path([*path, kind.property])}" is missing'
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        names = ", ".join(f'"{field_path([*path, name])}"' for name in kind.unexpected)
        return f"{names} is not a field that can stand here"
    expected = _expectation(error)
    if expected is None:
        return f'"{field_path(path)}" is not valid; {error.message}'
    return f'"{field_path(path)}" is not valid; expected {expected} but found {shown(error.instance)}'


def _expectation(error: jsonschema_rs.ValidationError) -> str | None:
    """Return what the broken rule asks for, to follow the word "expected"; None for rules without a wording of ours."""
    kinds = jsonschema_rs.ValidationErrorKind
    match error.kind:
        case kinds.Type(types=types):
            return " or ".join(_TYPES.get(name, name) for name in types)
        case kinds.MinLength(limit=1):
            return "a text that isn't empty"
        case kinds.MinLength(limit=limit):
            return f"at least {limit} characters"
        case kinds.MaxLength(limit=limit):
            return f"at most {limit} characters"
        case kinds.MinItems(limit=limit):
            return f"at least {limit} item{'' if limit == 1 else 's'}"
        case kinds.Enum(options=options):
            return f"one of {', '.join(map(shown, options))}"
        case kinds.Constant(expected_value=value):
            return shown(value)
        case kinds.Pattern(pattern=pattern):
            return f"a text that matches {pattern}"
        case _:
            return None


_TYPES = {
    "string": "a text",
    "object": "an object",
    "array": "a list",
    "boolean": "true or false",
    "null": "null",
    "number": "a number",
    "integer": "a whole number",
}
