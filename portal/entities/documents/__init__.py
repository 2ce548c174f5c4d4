"""Reads catalog files: YAML 1.2, several documents in one file.

The rules are those of the JavaScript engine that catalog files are written for: see ``scalars`` for the values. Merge
keys (``<<``) are keys like any other, tags that aren't of the core schema are passed over, keys become texts.
Differences, by intention: a key that is an object or a list, a key that stands twice after becoming a text (``1`` and
``"1"``), and the directive ``%YAML 1.1``, which changes no values here. And one by necessity: in documents that aren't
JSON, characters beyond U+FFFF can't be written as two ``\\u`` escapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import yaml

from portal.entities.documents.composer import CompositionError, compose_all
from portal.entities.documents.plain import plain_object
from portal.errors import InputError

#: Larger files are refused unless the caller says otherwise.
MAX_BYTES = 10_000_000
MAX_DOCUMENTS = 100_000

#: Begins or ends a document wherever it stands: YAML allows no such line inside of one, not even in a quoted text.
_MARKER = re.compile(r"^(?:---|\.\.\.)(?=[ \t\r\n]|\Z)", re.MULTILINE)
#: What may stand before a document without being one: blank lines, comments and directives.
_PREAMBLE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)|%[^\n]*(?:\n|\Z))*")
_LINE = re.compile(r"[^\n]+")
#: A character beyond U+FFFF as JSON escapes it, in two halves. Libyaml knows whole characters only.
_HALVES = re.compile(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)

#: By a part of libyaml's message: what to do about it.
_ADVICE = (
    ("mapping values are not allowed", "Put a value that contains ': ' into quotes, and check the indentation."),
    (
        "cannot start any token",
        "Indent with spaces, not tabs, and put a value that begins with a special sign into quotes.",
    ),
    ("control characters", "Remove the character, or write it as an escape in double quotes."),
    ("Unicode character escape", "Write the character itself, without an escape."),
    ("quoted scalar", "Close the quotes."),
    ("flow sequence", "Close the list with ']'."),
    ("flow node", "Close the list with ']' or the object with '}'."),
    ("flow mapping", "Close the object with '}'; a text that begins with '{' needs quotes."),
    ("block", "Check the indentation."),
    ("simple key", "Follow the key with ': ', and check the indentation."),
)


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file: its ``value``, or the ``error`` that kept it from being read.

    ``index`` is its place in the file, from 0; empty documents count. ``line`` is the line of the file, from 1, on
    which it begins to say something.
    """

    index: int
    line: int
    value: Any = None
    error: InputError | None = None


def parse_documents(text: str | bytes, *, max_bytes: int = MAX_BYTES) -> list[Document]:
    """Return the documents of a YAML or JSON file, empty ones left out.

    A document that can't be read has an ``error`` naming line and column in the file, and doesn't keep the others
    from being read. Nesting and the repetition of values by aliases are limited, document by document.

    Raise ``InputError`` if the file as a whole can't be read: larger than ``max_bytes``, of too many documents, or not
    UTF-8.
    """
    documents: list[Document] = []
    index = 0
    for start_line, chunk in _split(_decoded(text, max_bytes)):
        if index >= MAX_DOCUMENTS:
            raise InputError(f"The file has more than {MAX_DOCUMENTS:,} documents; split it into several.")
        line = start_line + _lines_before_content(chunk)
        chunk = _with_whole_characters(chunk)
        if (plain := plain_object(chunk)) is not None:
            documents.append(Document(index, line, plain))
            index += 1
            continue
        try:
            values = compose_all(chunk)
        except (yaml.YAMLError, CompositionError) as error:
            problem = _explained(error, chunk, start_line)
            documents.append(Document(index, line, error=InputError(problem, cause=error)))
            index += 1
            continue
        documents += (Document(index + n, line, value) for n, value in enumerate(values) if value is not None)
        index += len(values)
    return documents


def _decoded(text: str | bytes, max_bytes: int) -> str:
    try:
        size = len(text.encode() if isinstance(text, str) else text)
        if size > max_bytes:
            raise InputError(
                f"The file has {size:,} bytes, more than the {max_bytes:,} allowed; split it into several."
            )
        decoded = text if isinstance(text, str) else text.decode()
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        line = max(1, len(error.object[: error.start].splitlines()))
        raise InputError(f"The file is not UTF-8 (line {line}); save it in that encoding.", cause=error) from error
    return decoded.removeprefix("\ufeff")


def _with_whole_characters(chunk: str) -> str:
    """Return JSON with one YAML escape for each character that is written in halves; other documents as they are."""
    if r"\u" not in chunk or not _HALVES.search(chunk):
        return chunk
    try:
        orjson.loads(chunk)
    except orjson.JSONDecodeError:
        return chunk
    return _HALVES.sub(_whole, chunk)


def _whole(halves: re.Match[str]) -> str:
    high, low = (int(half, 16) for half in halves.group(2, 3))
    return rf"{halves[1]}\U{0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF):08x}"


def _split(text: str) -> Iterator[tuple[int, str]]:
    """Yield the documents of a file as text, each with the line, from 1, on which it begins."""
    start, line = 0, 1
    for marker in _MARKER.finditer(text):
        begins = marker[0] == "---"
        end = marker.start() if begins else text.find("\n", marker.end()) + 1 or len(text)
        is_preamble = _PREAMBLE.fullmatch(text, start, marker.start()) is not None
        if is_preamble and begins:
            continue
        if not is_preamble:
            yield line, text[start:end]
        line += text.count("\n", start, end)
        start = end
    if start < len(text):
        yield line, text[start:]


def _lines_before_content(chunk: str) -> int:
    """Return the number of lines that only hold markers, comments, directives or nothing."""
    for match in _LINE.finditer(chunk):
        line = match[0]
        content = line.removeprefix("---").strip()
        if content and not content.startswith("#") and not line.startswith(("%", "...")):
            return chunk.count("\n", 0, match.start())
    return 0


def _explained(error: Exception, chunk: str, start_line: int) -> str:
    if isinstance(error, CompositionError):
        return f"{_position(start_line, error.line, error.column)}: {error.problem}."
    if isinstance(error, yaml.reader.ReaderError):
        before = chunk[: chunk.find(chr(error.character))]
        position = _position(start_line, before.count("\n"), len(before) - before.rfind("\n") - 1)
        found = f"{error.reason} (U+{error.character:04X})"
    elif isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        position = _position(start_line, mark.line, mark.column) if mark else _position(start_line, 0, 0)
        context = f" {error.context}" if error.context else ""
        since = error.context_mark
        began = f", which begins at line {start_line + since.line}" if context and since else ""
        found = f"{error.problem}{context}{began}"
    else:
        position, found = _position(start_line, 0, 0), str(error)
    advice = next((advice for sign, advice in _ADVICE if sign in found), "Correct the file at that place.")
    return f"{position}: {found}. {advice}"


def _position(start_line: int, line: int, column: int) -> str:
    return f"Line {start_line + line}, column {column + 1}"
