"""Paths as Backstage writes them: ``/catalog/:namespace/:kind/:name``, and ``/docs/*`` for everything below."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

#: The name under which a view receives what ``*`` stands for.
SPLAT = "rest"

#: First segments that the server answers itself; a page there would never be reached.
RESERVED = frozenset({"-", ".backstage", "admin", "api", "sign-in", "sign-out", "static"})

_PARAMETER = re.compile(r":([A-Za-z_]\w*)")
_STATIC = re.compile(r"[^/:*?#\s]+")


class InvalidPath(ValueError):
    """A path breaks the rules; the message says which one."""


@dataclass(frozen=True, slots=True)
class RoutePath:
    """A parsed path: its segments, each a text, ``:parameter`` or (last only) ``*``."""

    segments: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a path. Raises ``InvalidPath``, whose message names the path and the rule."""
        if not text.startswith("/"):
            raise InvalidPath(f"path {text!r} must start with '/'")
        if text != "/" and text.endswith("/"):
            raise InvalidPath(f"path {text!r} must not end with '/'")
        segments = tuple(text[1:].split("/")) if text != "/" else ()
        for position, segment in enumerate(segments):
            if segment == "*":
                if position != len(segments) - 1:
                    raise InvalidPath(f"path {text!r} may have '*' at its end only")
            elif segment in {".", ".."} or not (_PARAMETER.fullmatch(segment) or _STATIC.fullmatch(segment)):
                rule = "a segment is ':name' or a text without ':*?#' and spaces, and neither '.' nor '..'"
                raise InvalidPath(f"path {text!r} has the segment {segment!r}; {rule}")
        path = cls(segments)
        repeated = {name for name in path.parameters if path.parameters.count(name) > 1}
        if repeated:
            raise InvalidPath(f"path {text!r} has the parameter {', '.join(sorted(repeated))} more than once")
        return path

    def __str__(self) -> str:
        return "/" + "/".join(self.segments)

    def __truediv__(self, below: RoutePath) -> RoutePath:
        """Return the path ``below`` under this one, which stands in the place of its own ``*``, if any."""
        own = self.segments[:-1] if self.segments[-1:] == ("*",) else self.segments
        return RoutePath.parse("/" + "/".join((*own, *below.segments)))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, in order; ``rest`` for ``*``."""
        return tuple(
            SPLAT if segment == "*" else segment[1:] for segment in self.segments if segment == "*" or segment[0] == ":"
        )

    @property
    def sort_key(self) -> tuple[int, ...]:
        """A key that puts the more specific of two paths first: a text before a parameter before ``*``."""
        return tuple(2 if segment == "*" else 1 if segment[0] == ":" else 0 for segment in self.segments)

    def regex(self) -> str:
        """Return the pattern that Django matches, without the leading slash; a slash at the end is allowed."""
        pieces = []
        for segment in self.segments:
            if segment == "*":
                pieces.append(f"(?P<{SPLAT}>.*)")
            elif segment[0] == ":":
                pieces.append(f"(?P<{segment[1:]}>[^/]+)")
            else:
                pieces.append(re.escape(segment))
        if not pieces:
            return r"^\Z"
        if self.segments[-1] == "*":
            # "/docs/*" also answers for "/docs" itself, as React Router has it.
            below = f"(?:/{pieces.pop()})?" if len(pieces) > 1 else pieces.pop()
            return "^" + "/".join(pieces) + below + r"\Z"
        return "^" + "/".join(pieces) + r"/?\Z"

    def build(self, parameters: Mapping[str, object]) -> str:
        """Return the URL path with the parameters filled in and percent-encoded. Raises ``KeyError`` for a missing
        one.
        """
        filled = []
        for segment in self.segments:
            if segment == "*":
                filled.append(quote(str(parameters.get(SPLAT, "")).lstrip("/"), safe="/"))
            elif segment[0] == ":":
                filled.append(quote(str(parameters[segment[1:]]), safe=""))
            else:
                filled.append(quote(segment, safe=""))
        return ("/" + "/".join(filled)).rstrip("/") or "/"
