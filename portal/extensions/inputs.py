"""Inputs: the slots of an extension, into which others are attached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.extensions.base import Extension

#: A place to attach to: the id of an extension and the name of one of its inputs.
AttachmentPoint = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Input:
    """A slot: which blueprint fits in, and how many.

    ``accepts`` is a blueprint or several. ``singleton`` takes one child; it is required unless ``optional``.
    ``internal`` takes children of the same plugin only, so that others override by a module for that plugin.
    ``replaces`` lists attachment points of old that now lead here. ``help`` is a sentence for the reference page.
    """

    accepts: type[Extension] | tuple[type[Extension], ...]
    singleton: bool = False
    optional: bool = False
    internal: bool = False
    replaces: tuple[AttachmentPoint, ...] = ()
    help: str = ""

    @property
    def blueprints(self) -> tuple[type[Extension], ...]:
        """The accepted blueprints, always as a tuple."""
        return self.accepts if isinstance(self.accepts, tuple) else (self.accepts,)

    def fits(self, extension: type[Extension]) -> bool:
        """Say whether an extension is of an accepted blueprint."""
        return issubclass(extension, self.blueprints)

    def describe(self) -> str:
        """Return what goes in, in words: ``EntityCard``, ``one SignInPage of the same plugin, if any``."""
        names = " or ".join(blueprint.__name__ for blueprint in self.blueprints)
        return "".join(
            [
                "one " if self.singleton else "",
                names,
                " of the same plugin" if self.internal else "",
                ", if any" if self.singleton and self.optional else "",
            ]
        )
