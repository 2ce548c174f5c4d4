"""JSON on the wire, by orjson: how bodies are read, and how answers are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import IO, Any, TypeVar

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse, StreamingHttpResponse
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from portal.storable import holds_nul

P = TypeVar("P", str, bytes, str | bytes)

CONTENT_TYPE = "application/json; charset=utf-8"
#: How much of a streamed array is gathered before it is sent, in characters.
PIECE = 128 * 1024


class JsonRenderer(BaseRenderer):
    """Writes plain JSON. Other types asked for in ``Accept`` get it too, as from Backstage."""

    media_type = "application/json"
    format = "json"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Return the bytes; no data is no body."""
        return b"" if data is None else orjson.dumps(data)


class JsonAlways(DefaultContentNegotiation):
    """Answers in the one format there is, whatever ``Accept`` asks for."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the first renderer."""
        first = next(iter(renderers))
        return first, first.media_type or ""


class JsonParser(BaseParser):
    """Reads a JSON body."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the value; what isn't JSON is a client's error that says where it broke.

        Raises ``RequestDataTooBig`` for a body above ``DATA_UPLOAD_MAX_MEMORY_SIZE``, of which no more than that is
        read.
        """
        limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestDataTooBig
        if holds_nul(body):
            raise ParseError("The request body holds a NUL character (\\u0000), which can't be stored; remove it.")
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The request body is not valid JSON: {error}") from error


def json_response(data: Any, *, status: int = 200) -> HttpResponse:
    """Return a value as a JSON answer."""
    return json_bytes(orjson.dumps(data), status=status)


def json_bytes(body: bytes | str, *, status: int = 200) -> HttpResponse:
    """Return JSON that is at hand, such as a stored entity, without reading it."""
    # A text would have Django look up in the header that was just written how to encode it.
    content = body.encode() if isinstance(body, str) else body
    return HttpResponse(content, status=status, content_type=CONTENT_TYPE)


def json_array(items: Iterable[str]) -> bytes:
    """Join JSON texts to one array."""
    return b"[" + ",".join(items).encode() + b"]"


def stream_json_array(items: Iterable[str]) -> StreamingHttpResponse:
    """Return an array of JSON texts that is sent while it is read: memory doesn't grow with the answer.

    The first piece is read at once, so that what can't be read at all is answered as an error.
    """
    return StreamingHttpResponse(begun(json_array_pieces(items)), content_type=CONTENT_TYPE)


def json_array_pieces(items: Iterable[str]) -> Iterator[bytes]:
    """Yield an array of JSON texts in pieces, while they are read."""
    before, gathered, size = "[", list[str](), 0
    for item in items:
        gathered.append(item)
        size += len(item)
        if size >= PIECE:
            # Joined and encoded at one go: thousands of small copies took as long as reading the rows.
            yield f"{before}{','.join(gathered)}".encode()
            before, gathered, size = ",", [], 0
    if gathered:
        yield f"{before}{','.join(gathered)}]".encode()
    else:
        yield b"[]" if before == "[" else b"]"


def begun(pieces: Iterator[P]) -> Iterator[P]:
    """Return the pieces of an answer, the first of which is there already: what fails before it is an error."""
    return chain([next(pieces)], pieces)
