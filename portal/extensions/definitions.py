"""The blueprint of what shows the definitions of APIs, each widget those of some types.

It is here, not in a plugin, because every plugin may bring a widget for a type of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from portal.entities import Entity
from portal.extensions.base import ConfigSchema, Extension, Relative
from portal.extensions.inputs import AttachmentPoint
from portal.extensions.page import PageContext


@dataclass(frozen=True, slots=True)
class ApiDefinition:
    """The definition of an API as its entity has it: ``text`` is empty for types that have none."""

    entity: Entity
    type: str
    text: str


class ApiDefinitionWidget(Extension):
    """Shows the definitions of APIs of some types (``spec.type``); of several that do, the first in order is used.

    Its template gets ``definition``, an ``ApiDefinition``; ``compact``, which is True on a card, where a few lines are
    enough; and ``url``, the address that it is shown at, to make links from. The text itself, with copying and
    downloading, is shown beside it in any case. A widget that raises is replaced by a message and the text.
    """

    abstract = True
    kind = "api-definition-widget"
    is_conditional = False
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("api:api-docs/config", "widgets")
    config_schema: ClassVar[ConfigSchema] = {"types": {"type": "array", "items": {"type": "string", "minLength": 1}}}
    config_attributes: ClassVar[tuple[str, ...]] = ("types",)

    #: What people call the type: ``OpenAPI``.
    title: ClassVar[str] = ""
    #: The values of ``spec.type`` that it shows, in any case.
    types: ClassVar[tuple[str, ...]] = ()
    #: What the text is highlighted as: a name that Pygments knows. Empty leaves it as it is.
    language: ClassVar[str] = ""

    def suits(self, type: str) -> bool:
        """Say whether it shows definitions of a type."""
        return type.lower() in {known.lower() for known in self.types}

    def interactive_url(self, definition: ApiDefinition, page: PageContext) -> str | None:
        """Return the address of a document to try the API with, shown in a sandboxed frame; None if there is none."""
        return None
