"""The filters beside the catalog's list, with Backstage's ids and names in the address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from apps.catalog.views.index import CatalogState
from apps.catalog.views.links import entity_link, kind_icon
from portal.entities import stringify_ref
from portal.errors import InputError
from portal.extensions import CatalogFilter, PageContext, Predicate

#: Stands in the address for "all of them", where there is a choice made beforehand.
ALL = "all"
#: More than these aren't offered; the search finds the others.
MAX_OPTIONS = 100


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose, and how many entities have it."""

    value: str
    label: str
    count: int
    is_chosen: bool


class FacetFilter(CatalogFilter):
    """A filter that offers the values of one field. Several chosen values are alternatives."""

    abstract = True
    template_name = "catalog/filters/facet.html"

    title: ClassVar[str] = ""
    #: Its name in the address, ``filters[<param>]``.
    param: ClassVar[str] = ""
    #: The field, as the search index names it.
    field: ClassVar[str] = ""
    is_scope: ClassVar[bool] = False
    holds_refs: ClassVar[bool] = False

    def values(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """Return the chosen values. "all" is what Backstage's addresses have for none."""
        return tuple(value for value in chosen if value.lower() != ALL)

    def predicate(self, values: tuple[str, ...]) -> Predicate | None:
        """Return that an entity must have one of the values."""
        return {self.field: {"$in": list(values)}} if values else None

    def label(self, value: str, state: CatalogState) -> str:
        """Return how people call a value."""
        return entity_link(value, state.titles).title if self.holds_refs else value

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the options: chosen ones too that no entity has any more, so that they can be taken away."""
        state: CatalogState = page.catalog
        options = _merged(state.facets.get(self.field, ()), state.chosen.get(self.param, ()))
        labelled = [Option(value, self.label(value, state), count, chosen) for value, count, chosen in options]
        labelled.sort(key=lambda option: (not option.is_chosen, -option.count, option.label.casefold()))
        return {
            "title": self.title,
            "param": self.param,
            "options": labelled[:MAX_OPTIONS],
            "left_out": max(0, len(labelled) - MAX_OPTIONS),
            "is_open": any(option.is_chosen for option in labelled),
        }


class KindFilter(FacetFilter):
    """Sets the scene: what else there is to choose depends on the kind."""

    name = "kind"
    title = "Kind"
    param = "kind"
    field = "kind"
    is_scope = True
    template_name = "catalog/filters/kind.html"
    config_schema = {"initialFilter": {"type": "string", "minLength": 1, "default": "component"}}
    #: Filters that mean nothing for another kind, and are left behind when the kind changes.
    own_to_kinds = ("type", "lifecycles")

    def values(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """Return the chosen kinds, else the configured one."""
        chosen = chosen or (self.config["initialFilter"],)
        return () if any(value.lower() == ALL for value in chosen) else chosen

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the kinds with their counts, and where each leads."""
        state: CatalogState = page.catalog
        options = _merged(state.facets.get(self.field, ()), state.chosen.get(self.param, ()))
        query = state.query
        for param in self.own_to_kinds:
            query = query.with_filter(param, ())
        choices: list[dict[str, Any]] = [
            {
                "label": kind,
                "count": count,
                "is_chosen": chosen,
                "icon": kind_icon(kind),
                "kind": kind.lower(),
                "url": state.link_to(query.with_filter(self.param, [kind.lower()])),
            }
            for kind, count, chosen in options
        ]
        choices.sort(key=lambda choice: (_kind_order(choice["kind"]), choice["label"]))
        return {
            "title": self.title,
            "param": self.param,
            "choices": choices,
            "total": sum(count for _, count, _ in options),
            "all_url": state.link_to(query.with_filter(self.param, [ALL])),
            "is_all": not state.chosen.get(self.param),
            "asked": query.values(self.param),
        }


class TypeFilter(FacetFilter):
    """What a component, an API, a group is: service, openapi, team."""

    name = "type"
    title = "Type"
    param = "type"
    field = "spec.type"


class OwnerFilter(FacetFilter):
    """Who owns it. Backstage's id; refs may be written short, as in ``team-a``."""

    name = "mode"
    title = "Owner"
    param = "owners"
    field = "relations.ownedBy"
    holds_refs = True

    def values(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """Return the chosen owners as canonical refs; what isn't a ref is left out."""
        return tuple(dict.fromkeys(_refs(super().values(chosen))))


class LifecycleFilter(FacetFilter):
    """How far it is: experimental, production, deprecated."""

    name = "lifecycle"
    title = "Lifecycle"
    param = "lifecycles"
    field = "spec.lifecycle"


class TagFilter(FacetFilter):
    """Tags. An entity must have every chosen one."""

    name = "tag"
    title = "Tags"
    param = "tags"
    field = "metadata.tags"

    def predicate(self, values: tuple[str, ...]) -> Predicate | None:
        """Return that an entity must have all of the tags."""
        return {"$all": [{self.field: {"$contains": value}} for value in values]} if values else None


class NamespaceFilter(FacetFilter):
    """Namespaces; shown if there are several."""

    name = "namespace"
    title = "Namespace"
    param = "namespace"
    field = "metadata.namespace"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return no options where all entities are in one namespace."""
        context = super().context(page)
        return context if len(context["options"]) > 1 or context["is_open"] else {**context, "options": []}


#: The order in which people think of kinds; others follow by name.
_KINDS = ("component", "api", "system", "domain", "resource", "group", "user", "template", "location")


def _kind_order(kind: str) -> int:
    return _KINDS.index(kind) if kind in _KINDS else len(_KINDS)


def _merged(offered: Iterable[dict[str, Any]], chosen: tuple[str, ...]) -> list[tuple[str, int, bool]]:
    """Return value, count and whether it is chosen. Values that differ only in case are one, written as most are."""
    merged: dict[str, tuple[str, int]] = {}
    for option in sorted(offered, key=lambda option: -option["count"]):
        written, count = merged.get(option["value"].lower(), (option["value"], 0))
        merged[option["value"].lower()] = (written, count + option["count"])
    wanted = {value.lower() for value in chosen}
    for value in chosen:
        merged.setdefault(value.lower(), (value, 0))
    return [(value, count, key in wanted) for key, (value, count) in merged.items()]


def _refs(values: Iterable[str]) -> Iterable[str]:
    for value in values:
        try:
            yield stringify_ref(value if ":" in value else f"group:{value}")
        except InputError:
            continue
