"""The blueprints of what plugins add to search, to the home page, to forms of templates, and to documentation.

They are here, not in the plugins that have the slots, because every plugin may use them and no plugin knows another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from jsonschema_rs import validator_for

from portal.extensions.base import ConfigSchema, Extension, Relative
from portal.extensions.inputs import AttachmentPoint
from portal.extensions.page import PageContext

_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
#: Where an addon may stand on a page of documentation.
ADDON_LOCATIONS = ("header", "subheader", "settings", "primary-sidebar", "secondary-sidebar", "content")


def _schema_faults(schema: Mapping[str, Any], subject: str) -> Iterable[str]:
    """Return what is wrong with a JSON schema, as a clause that begins with ``subject``."""
    try:
        validator_for(dict(schema))
    except ValueError as error:
        yield f"{subject} isn't a JSON schema: {error}"


# --- Search ---


class SearchResultListItem(Extension):
    """Shows results of search of some kind; of several that suit, the first in order is used.

    Its template gets ``result``, the document with its ``highlight``, and ``rank``, which counts from 1.
    """

    abstract = True
    kind = "search-result-list-item"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("page:search", "items")

    #: Name of an icon (lucide).
    icon: ClassVar[str] = ""

    def suits(self, result: Mapping[str, Any]) -> bool:
        """Say whether it shows a result: ``{"type": "techdocs", "document": {…}}``. The default shows any."""
        return True


class SearchResultType(Extension):
    """A type of results that people can narrow their search to."""

    abstract = True
    kind = "search-filter-result-type"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("page:search", "resultTypes")

    title: ClassVar[str] = ""
    #: The type in the index, such as ``software-catalog``.
    value: ClassVar[str] = ""
    icon: ClassVar[str] = ""

    def faults(self) -> Iterable[str]:
        """Return what is wrong; a type has a title and a value."""
        if not self.title or not self.value:
            yield "it needs a title and a value"


class SearchFilter(Extension):
    """A filter beside the results of search; its state is in the URL."""

    abstract = True
    kind = "search-filter"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("page:search", "searchFilters")


# --- Home ---


class HomeWidget(Extension):
    """A widget that people can put on their home page.

    Its template gets ``settings``: what the person set, by the keys of ``settings_schema``, else its default: that of
    the configuration under the same key, or of the schema. Titles and descriptions in the schema are shown to people,
    translated.
    """

    abstract = True
    kind = "home-page-widget"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("page:home", "widgets")
    config_schema: ClassVar[ConfigSchema] = {"title": {"type": "string", "minLength": 1}}
    config_attributes: ClassVar[tuple[str, ...]] = ("title",)

    title: ClassVar[str] = ""
    #: A sentence for the list to choose from.
    description: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    #: Its size at first, in columns of twelve and in rows; without rows it is as high as what is in it.
    width: ClassVar[int] = 6
    height: ClassVar[int] = 0
    #: Whether it is shown to people who arranged nothing; if not, they may choose it.
    shown: ClassVar[bool] = True
    #: Key to JSON Schema of what each person may set; empty if there is nothing to set.
    settings_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    def faults(self) -> Iterable[str]:
        """Return what is wrong; a widget has a title and fits into the grid."""
        if not self.title:
            yield "it has no title"
        if not 1 <= self.width <= 12 or not 0 <= self.height <= 12:
            yield f"its size is {self.width} × {self.height}; it must be 1 to 12 columns wide and 0 to 12 rows high"
        yield from _schema_faults({"type": "object", "properties": dict(self.settings_schema)}, "its settings_schema")


class HomePageLayout(Extension):
    """The arrangement of the home page, in the place of the default one. Its template gets ``widgets``."""

    abstract = True
    kind = "home-page-layout"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("page:home", "layout")


# --- Forms of templates ---


class FormField(Extension):
    """A field that templates ask for by ``ui:field``.

    Its template gets ``field``: name, title, value, errors and options, as the form holds them.
    """

    abstract = True
    kind = "scaffolder-form-field"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("api:scaffolder/form-fields", "formFields")

    #: What ``ui:field`` says: ``RepoUrlPicker``.
    field_name: ClassVar[str] = ""
    #: JSON Schema of ``ui:options``.
    options_schema: ClassVar[Mapping[str, Any]] = {}
    #: JSON Schema of the value.
    value_schema: ClassVar[Mapping[str, Any]] = {}

    def faults(self) -> Iterable[str]:
        """Return what is wrong with the name and the schemas."""
        if not _FIELD_NAME.fullmatch(self.field_name):
            yield f"its field_name is {self.field_name!r}; it must be letters and digits, such as 'RepoUrlPicker'"
        yield from _schema_faults(self.options_schema, "its options_schema")
        yield from _schema_faults(self.value_schema, "its value_schema")

    def problems_with(self, value: Any, options: Mapping[str, Any]) -> Iterable[str]:
        """Return what is wrong with a value that fits the schema, each a sentence. Called before a step is left."""
        return ()


class FormDecorator(Extension):
    """Changes what a form was filled with before a template runs, such as adding a token as a secret."""

    abstract = True
    kind = "scaffolder-form-decorator"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("api:scaffolder/form-decorators", "formDecorators")

    def decorate(self, values: dict[str, Any], secrets: dict[str, str], page: PageContext) -> None:
        """Change values and secrets in place. Called once, when the person starts the template."""
        raise NotImplementedError


# --- Documentation ---


class TechDocsAddon(Extension):
    """Something beside or around a page of documentation. Its template gets ``document`` and ``entity``."""

    abstract = True
    kind = "addon"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("api:techdocs/addons", "addons")

    #: One of ``ADDON_LOCATIONS``.
    location: ClassVar[str] = "content"

    def faults(self) -> Iterable[str]:
        """Return what is wrong with the location."""
        if self.location not in ADDON_LOCATIONS:
            yield f"its location is {self.location!r}; it must be one of: {', '.join(ADDON_LOCATIONS)}"
