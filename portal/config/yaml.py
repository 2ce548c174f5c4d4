"""YAML for configuration files: one function around the parser, and errors that say where and what to do."""

from __future__ import annotations

import re

import ryaml

from portal.config.sources import Source, config_error
from portal.config.tree import JsonValue
from portal.errors import ConfigError

_POSITION = re.compile(r"\s*\bat line (\d+) column (\d+)")
_OFFSET = re.compile(r"\s*\bat position (\d+)")
_DUPLICATE = re.compile(r'duplicate entry with key "(.*)"', re.DOTALL)
_ADVICE = (
    ("duplicate entry", "A key may stand only once in an object: remove or rename one of them."),
    ("more than one document", "A configuration file is one document: remove the '---' lines, or split the file."),
    ("recursion limit", "It is nested too deeply, or an alias contains itself."),
    ("repetition limit", "Its aliases (*name) unfold to too much: write the values out."),
    ("cannot start any token", "Indent with spaces, not tabs, and put values that begin with @ or ` into quotes."),
    ("mapping values are not allowed", "Put a value that contains ': ' into quotes, and check the indentation."),
    ("control characters", "Remove the character, or write it as an escape in double quotes."),
    ("flow sequence", "Close the list with ']'."),
    ("flow mapping", "Close the object with '}'; a value that begins with '{' needs quotes."),
    ("quoted scalar", "Close the quotes."),
    ("unhashable", "A key must be a plain text or number, not a list or an object."),
)


def parse_yaml(text: str, *, file: str) -> JsonValue:
    """Return the value of a YAML 1.2 text of one document; None if it is empty.

    Keys that aren't strings become strings, as in JavaScript. Raise ``ConfigError`` naming ``file``, line, column,
    what the parser found and what to do about it.
    """
    try:
        value = ryaml.loads(text)
    except ValueError as error:
        raise _explained(str(error), text, file, error) from error
    return _with_text_keys(value)


def _explained(message: str, text: str, file: str, error: ValueError) -> ConfigError:
    line, column = _locate(message, text)
    found = _OFFSET.sub("", _POSITION.sub("", message)).strip().rstrip(".")
    advice = next((advice for sign, advice in _ADVICE if sign in message), "Correct the file at that place.")
    at = f" (line {line}, column {column})" if line and column else ""
    return config_error(f"is not valid YAML: {found}{at}. {advice}", source=Source(file, line), cause=error)


def _locate(message: str, text: str) -> tuple[int | None, int | None]:
    """Return line and column (from 1) of the fault, as far as the parser's message or the text tells."""
    if match := _POSITION.search(message):
        return int(match[1]), int(match[2])
    if match := _OFFSET.search(message):
        before = text[: int(match[1])]
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    if match := _DUPLICATE.search(message):
        key = re.compile(rf"""^[ -]*(["']?){re.escape(match[1])}\1\s*:""")
        return next((number for number, line in reversed(_numbered(text)) if key.match(line)), None), None
    if "cannot start any token" in message:
        # The parser leaves the position out where a tab stands in the indentation.
        tabs = ((number, line.index("\t") + 1) for number, line in _numbered(text) if "\t" in line[: _indent(line)])
        return next(tabs, (None, None))
    return None, None


def _numbered(text: str) -> list[tuple[int, str]]:
    return list(enumerate(text.splitlines(), start=1))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _with_text_keys(value: object) -> JsonValue:
    if isinstance(value, dict):
        return {_key_text(key): _with_text_keys(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_with_text_keys(item) for item in value]
    assert value is None or isinstance(value, bool | int | float | str)
    return value


def _key_text(key: object) -> str:
    if key is None:
        return ""
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(key)
