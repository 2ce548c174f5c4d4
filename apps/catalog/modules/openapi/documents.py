"""The files that a definition is made of: read once each, within limits, and searched by reference."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import orjson

from apps.catalog.extension_points import JSON, Placeholder
from apps.catalog.modules.openapi.pointers import Tokens, read_fragment, write_fragment
from portal.entities import MAX_BYTES, LocationRef, parse_documents
from portal.errors import InputError
from portal.integrations import is_absolute

MAX_FILES = 500
#: Values in all files together, and in the result: objects, lists, and what is in them.
MAX_VALUES = 1_000_000
#: References on the way to one value.
MAX_HOPS = 100

#: Such files are no YAML: a reference to one stands for its text.
_TEXTS = (".css", ".htm", ".html", ".js", ".md", ".svg", ".txt", ".xml")


@dataclass(frozen=True, slots=True)
class Document:
    """A file and what it says."""

    location: LocationRef
    value: JSON

    @property
    def name(self) -> str:
        """Its path or URL, for messages."""
        return self.location.target


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference leads to: the value, and where it stands."""

    document: Document
    tokens: Tokens
    value: JSON
    #: False if further references are passed on the way to it.
    direct: bool

    @property
    def key(self) -> tuple[LocationRef, Tokens]:
        """What tells it from other values."""
        return self.document.location, self.tokens


def is_reference(value: JSON) -> bool:
    """Tell whether a value is to be replaced by another. A property that is called ``$ref`` isn't a text."""
    return isinstance(value, dict) and isinstance(value.get("$ref"), str)


class Documents:
    """All files of one definition."""

    def __init__(self, placeholder: Placeholder) -> None:
        self._placeholder = placeholder
        self._documents: dict[LocationRef, Document] = {}
        self._found: dict[tuple[LocationRef, str], Target] = {}
        self._bytes = 0
        self._values = 0
        self.root = self._open(placeholder.resolve(placeholder.value))
        if not isinstance(self.root.value, dict):
            raise self.error(f"{self.root.name} is no API definition: there must be an object in it.")

    def error(self, problem: str) -> InputError:
        """Return an error that names the placeholder."""
        return InputError(f"Placeholder ${self._placeholder.key}: {problem}")

    def find(self, reference: str, document: Document) -> Target:
        """Return what a reference in ``document`` leads to.

        Where its pointer meets further references, these are followed; the value itself may be one. Raises
        ``PortalError`` if the file can't be read, or if there is nothing at that place.
        """
        key = document.location, reference
        if key not in self._found:
            self._found[key] = self._search(reference, document)
        return self._found[key]

    def _search(self, reference: str, document: Document) -> Target:
        document, rest = self._start(reference, document)
        value, hops = document.value, 0
        tokens: Tokens = ()
        while rest:
            if is_reference(value) and rest[0] not in value:
                hops += 1
                if hops > MAX_HOPS:
                    raise self.error(f"{reference} passes more than {MAX_HOPS} references; it seems to go in a circle.")
                document, further = self._start(value["$ref"], document)
                value, tokens, rest = document.value, (), further + rest
                continue
            token = rest.popleft()
            try:
                value = _member(value, token)
            except LookupError:
                place = write_fragment((*tokens, token))
                raise self.error(f"{document.name} has nothing at {place}, the pointer of '{reference}'.") from None
            tokens = (*tokens, token)
        return Target(document, tokens, value, direct=not hops)

    def _start(self, reference: str, base: Document) -> tuple[Document, deque[str]]:
        """Return the file that a reference names, and the tokens of its pointer."""
        target, _, fragment = reference.partition("#")
        try:
            tokens = deque(read_fragment(fragment))
        except InputError as error:
            raise self.error(f"{error}.") from error
        if not target:
            return base, tokens
        if base.location.type == "file" and not is_absolute(target):
            target = unquote(target)
        return self._open(self._placeholder.resolve(target, base.location)), tokens

    def _open(self, location: LocationRef) -> Document:
        if location not in self._documents:
            if len(self._documents) == MAX_FILES:
                raise self.error(f"the definition is made of more than {MAX_FILES} files. Bundle it before.")
            content = self._placeholder.read(location)
            self._bytes += len(content)
            if self._bytes > MAX_BYTES:
                raise self.error(
                    f"the files of the definition have more than {MAX_BYTES // 1_000_000} MB together. Split it into "
                    f"several APIs."
                )
            self._documents[location] = Document(location, self._parsed(location, content))
        return self._documents[location]

    def _parsed(self, location: LocationRef, content: bytes) -> JSON:
        name = location.target
        try:
            if urlsplit(name).path.lower().endswith(_TEXTS):
                return content.decode()
            value = _json_or_yaml(content)
        except (InputError, UnicodeDecodeError) as error:
            raise self.error(f"{name} is neither YAML nor JSON nor text: {error}") from error
        self._values += _count(value)
        if self._values > MAX_VALUES:
            raise self.error(f"{name}: the files of the definition hold more than {MAX_VALUES:,} values together.")
        return value


def _json_or_yaml(content: bytes) -> JSON:
    if content.lstrip()[:1] in (b"{", b"["):
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError:
            pass  # these begin objects and lists in YAML, too, and its errors say where
    documents = parse_documents(content)
    for document in documents:
        if document.error is not None:
            raise document.error
    if len(documents) != 1:
        raise InputError(f"there must be exactly one YAML document in it; it has {len(documents)}.")
    return documents[0].value


def _member(value: JSON, token: str) -> JSON:
    """Return a member of an object or a list. Raises ``LookupError`` if there is none."""
    if isinstance(value, dict):
        return value[token]
    if isinstance(value, list) and token.isascii() and token.isdecimal() and (token == "0" or token[0] != "0"):
        return value[int(token)]
    raise LookupError(token)


def _count(value: JSON) -> int:
    """Return how many values there are in a value, without recursion: files may nest deeply."""
    count, pending = 0, [value] if isinstance(value, dict | list) else []
    while pending:
        container = pending.pop()
        members = list(container.values()) if isinstance(container, dict) else container
        count += len(members)
        pending += (member for member in members if isinstance(member, dict | list))
    return count
