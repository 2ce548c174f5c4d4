"""The catalog's blueprints: what a plugin adds to an entity's page and to the catalog's list.

They are here, not in the catalog, because every plugin may use them and no plugin knows another. Each is shown for the
entities that its ``filter`` matches: a predicate such as ``{"kind": "component"}``, or Backstage's older text form.
Pages that have these slots pass ``entity``, the plain dict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from portal.entities import Entity, Predicate, matches
from portal.extensions.base import ConfigSchema, Extension, Relative, predicate_faults
from portal.extensions.blueprints import Page
from portal.extensions.inputs import AttachmentPoint
from portal.extensions.language import translated
from portal.extensions.page import PageContext
from portal.routes.paths import InvalidPath, RoutePath
from portal.routes.refs import RouteRef

_TEXT = {"type": "string", "minLength": 1}
_FILTER = {"type": ["object", "string"]}


class _ForEntities(Extension):
    """What an entity must be like for the extension to be shown. A filter in the configuration replaces the code's."""

    abstract = True
    config_schema: ClassVar[ConfigSchema] = {"filter": _FILTER}
    config_attributes: ClassVar[tuple[str, ...]] = ("filter",)

    #: None shows it for every entity.
    filter: ClassVar[Predicate | None] = None

    def faults(self) -> Iterable[str]:
        """Return what is wrong with the filter."""
        if self.filter is not None:
            yield from predicate_faults(self.filter, "its filter")

    def suits(self, entity: Entity) -> bool:
        """Say whether to show it for an entity. Override it for what a predicate can't express."""
        return self.filter is None or matches(self.filter, entity)

    def is_visible(self, page: PageContext) -> bool:
        """Say whether it suits the entity of the page."""
        return self.suits(page.entity)


class EntityCard(_ForEntities):
    """A card on the overview of an entity."""

    abstract = True
    kind = "entity-card"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("entity-content:catalog/overview", "cards")
    config_schema: ClassVar[ConfigSchema] = {"type": {"enum": ["info", "content"]}}
    config_attributes: ClassVar[tuple[str, ...]] = ("type",)

    title: ClassVar[str] = ""
    #: ``info`` cards stand in the narrow column, ``content`` cards in the wide one.
    type: ClassVar[str] = "content"


class EntityContent(_ForEntities):
    """A tab of an entity's page, at a path below it."""

    abstract = True
    kind = "entity-content"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("page:catalog/entity", "contents")
    config_schema: ClassVar[ConfigSchema] = {
        "path": _TEXT,
        "title": _TEXT,
        "icon": _TEXT,
        "group": {"anyOf": [_TEXT, {"const": False}]},
    }
    config_attributes: ClassVar[tuple[str, ...]] = ("path", "title", "icon", "group")

    #: Below the entity's path: ``/`` is the page itself, ``/definition``, ``/ci-cd/*``.
    path: ClassVar[str] = ""
    title: ClassVar[str] = ""
    #: The id of a group of tabs, as ``page:catalog/entity`` configures them; None or False for a tab of its own.
    group: ClassVar[str | bool | None] = None
    icon: ClassVar[str] = ""
    route_ref: ClassVar[RouteRef | None] = None

    def faults(self) -> Iterable[str]:
        """Return what is wrong with filter, path and title."""
        yield from super().faults()
        if not self.title:
            yield "it has no title for its tab"
        try:
            self.own_path  # noqa: B018 (asked for its error)
        except InvalidPath as error:
            yield str(error)

    @property
    def own_path(self) -> RoutePath:
        """The path below the entity's; a slash at its start may be left out, as in Backstage."""
        return RoutePath.parse(self.path if self.path.startswith("/") else f"/{self.path}")

    @property
    def route_path(self) -> RoutePath:
        """The whole path, the page's parameters included."""
        page = self.node.parent.extension if self.node.parent is not None else None
        if not isinstance(page, Page):
            raise LookupError(f"entity content '{self.id}' isn't attached to a page")
        return page.route_path / self.own_path


class EntityContentLayout(_ForEntities):
    """An arrangement of the overview's cards for some entities; the first that suits is used. Its template gets
    ``cards``.
    """

    abstract = True
    kind = "entity-content-layout"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("entity-content:catalog/overview", "layouts")


class EntityHeader(_ForEntities):
    """The head of an entity's page; the first that suits is used, those with a filter before those without."""

    abstract = True
    kind = "entity-header"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("page:catalog/entity", "headers")


class EntityHeaderLayout(_ForEntities):
    """The head of an entity's page and its tabs, in the place of both; the first that suits is used, those with a
    filter before those without.

    Its template gets ``entity``, the plain dict, and ``tabs``: groups with ``title`` and ``is_current``, in whose
    ``tabs`` each has ``title``, ``url``, ``icon`` and ``is_current``.
    """

    abstract = True
    kind = "entity-header-layout"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("page:catalog/entity", "headerLayouts")


class _Link(_ForEntities):
    """A label with an icon that leads somewhere."""

    abstract = True
    template_name = "portal/extensions/link.html"

    #: Name of an icon (lucide).
    icon: ClassVar[str] = "link"

    def href(self, page: PageContext) -> str | None:
        """Return where it leads. None shows it as unavailable."""
        raise NotImplementedError

    def text(self) -> str:
        """Return the label."""
        raise NotImplementedError

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return ``href``, ``text`` and ``icon`` for the template."""
        return {"href": self.href(page), "text": self.text(), "icon": self.icon}


class EntityContextMenuItem(_Link):
    """An entry in the menu of an entity's page."""

    abstract = True
    kind = "entity-context-menu-item"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("page:catalog/entity", "contextMenuItems")

    title: ClassVar[str] = ""
    #: Whether it takes something away: such entries come last, behind a line.
    is_destructive: ClassVar[bool] = False

    def text(self) -> str:
        """Return the title."""
        return translated(self.title)


class EntityIconLink(_Link):
    """A link with an icon at the head of the About card."""

    abstract = True
    kind = "entity-icon-link"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("entity-card:catalog/about", "iconLinks")
    config_schema: ClassVar[ConfigSchema] = {"label": _TEXT, "title": _TEXT}
    config_attributes: ClassVar[tuple[str, ...]] = ("label", "title")

    label: ClassVar[str] = ""
    #: A longer text, shown as a tooltip.
    title: ClassVar[str] = ""

    def text(self) -> str:
        """Return the label."""
        return translated(self.label)

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return ``href``, ``text``, ``icon`` and ``tooltip`` for the template."""
        return {**super().context(page), "tooltip": translated(self.title)}


class CatalogFilter(Extension):
    """A filter beside the catalog's list; its state is in the URL.

    One with a ``param`` narrows the list by itself; without, it is only shown. Its template is rendered a second time
    when htmx brings a list that another filter has changed; ``page.catalog.is_update`` is true then, and of what it
    renders only elements with ``hx-swap-oob`` are used.
    """

    abstract = True
    kind = "catalog-filter"
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("page:catalog", "filters")

    #: What its group and its chosen values are headed.
    title: ClassVar[str] = ""
    #: Its name in the address, ``filters[<param>]``.
    param: ClassVar[str] = ""
    #: The field whose values it offers, as the search index names it; empty if it offers none, or its own ``choices``.
    field: ClassVar[str] = ""
    #: Values that it offers whatever the entities have, with their titles.
    choices: ClassVar[Mapping[str, str]] = {}
    #: Whether other filters offer only what this one leaves. The kind's does.
    is_scope: ClassVar[bool] = False
    #: The params of filters that mean nothing for another value of this one, and are set aside when it changes.
    sets_aside: ClassVar[tuple[str, ...]] = ()
    #: Whether an entity must have every chosen value. Else one of them is enough.
    is_conjunctive: ClassVar[bool] = False
    #: Whether its values are refs of entities, to be shown by their titles.
    holds_refs: ClassVar[bool] = False

    def values(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """Return the values that are in effect, given those in the address. Called before the list is read."""
        return chosen

    def predicate(self, values: tuple[str, ...], page: PageContext) -> Predicate | None:
        """Return what an entity must be like for these values; None restricts nothing.

        Called for the list, and again for each question of how many entities there would be.
        """
        if not values or not self.field:
            return None
        if self.is_conjunctive:
            return {"$all": [{self.field: {"$contains": value}} for value in values]}
        return {self.field: {"$in": list(values)}}

    def refs(self, values: tuple[str, ...], page: PageContext) -> Iterable[str] | None:
        """Return the canonical refs of which an entity must be one, for what no predicate says; None restricts nothing.

        Called when ``predicate`` is.
        """
        return None
