"""JSON pointers (RFC 6901), and how they are written in the fragment of a URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from portal.errors import InputError

Tokens = tuple[str, ...]

#: What JavaScript's ``encodeURIComponent`` leaves as it is, beside letters and digits.
_PLAIN = "-_.!~*'()"
_BAD_ESCAPE = re.compile(r"~(?![01])")


@dataclass(frozen=True, slots=True)
class Trail:
    """The way to a value, as a link to the way to what it is in: a document has many of them."""

    parent: Trail | None = None
    token: str = ""
    depth: int = 0

    @classmethod
    def of(cls, tokens: Tokens) -> Trail:
        """Return the way that a pointer describes."""
        trail = cls()
        for token in tokens:
            trail = trail.to(token)
        return trail

    def to(self, token: str) -> Trail:
        """Return the way to a member."""
        return Trail(self, token, self.depth + 1)

    def tokens(self) -> Tokens:
        """Return the way from the top."""
        tokens: list[str] = []
        trail = self
        while trail.parent is not None:
            tokens.append(trail.token)
            trail = trail.parent
        return tuple(reversed(tokens))

    def __str__(self) -> str:
        return write_fragment(self.tokens())


def read_fragment(fragment: str) -> Tokens:
    """Return what the part of a reference after its ``#`` points at. Raises ``InputError`` if it is no pointer."""
    text = unquote(fragment)
    if not text:
        return ()
    if not text.startswith("/") or _BAD_ESCAPE.search(text):
        raise InputError(
            f"'#{fragment}' is no JSON pointer: after the # it must begin with a slash, and ~ must be written ~0"
        )
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in text[1:].split("/"))


def write_fragment(tokens: Tokens) -> str:
    """Return a reference to a place in the same document, with its ``#``."""
    written = (quote(token.replace("~", "~0").replace("/", "~1"), safe=_PLAIN) for token in tokens)
    return "#" + "".join(f"/{token}" for token in written)
