"""What an extension is told about the page that it is rendered on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

if TYPE_CHECKING:
    from portal.extensions.tree import Node


@dataclass(frozen=True, slots=True)
class PageContext:
    """The request, the node of the page, and the keywords of the slots on the way: ``page.entity`` is
    ``values["entity"]``.
    """

    request: HttpRequest
    node: Node | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        # Only asked for what isn't a field. Dunder names are Python asking, not an author.
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self.values[name]
        except KeyError:
            known = ", ".join(self.values) or "none"
            raise AttributeError(f"the page passes no '{name}' to its extensions; it passes: {known}") from None

    def get(self, name: str, default: Any = None) -> Any:
        """Return a keyword that a slot may have passed, or ``default``."""
        return self.values.get(name, default)

    def extended(self, values: Mapping[str, Any]) -> PageContext:
        """Return the same page with more keywords, as a slot passes them on to its children."""
        return PageContext(self.request, self.node, {**self.values, **values}) if values else self
