"""The filters beside the catalog's list, with Backstage's ids and names in the address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from apps.catalog.queries.browsing import failing_refs
from apps.catalog.routes import filter_options
from apps.catalog.views.links import entity_link
from apps.catalog.views.narrowing import CatalogState
from apps.catalog.views.options import MAX_OPTIONS, Option, foremost, merged
from apps.catalog.views.stars import starred_by, user_of
from portal.entities import ANNOTATION_ORPHAN, stringify_ref
from portal.errors import InputError
from portal.extensions import CatalogFilter, PageContext, Predicate
from portal.extensions.drawing import render_once
from portal.extensions.icons import kind_icon
from portal.routes.urls import url_for

#: Stands in the address for "all of them", where there is a choice made beforehand.
ALL = "all"
#: So many are shown of those that are found.
MAX_FOUND = 50


class DrawnOnce(CatalogFilter):
    """A filter whose template needs nothing but ``is_update`` and what ``context`` returns, all of it hashable."""

    abstract = True

    def render(self, page: PageContext) -> SafeString:
        """Return the HTML: what it was for whoever saw the same values and counts."""
        state: CatalogState = page.catalog
        return render_once(self.template_name or "", is_update=state.is_update, **self.context(page))


class FacetFilter(DrawnOnce):
    """A filter that offers the values of one field. Several chosen values are alternatives."""

    abstract = True
    template_name = "catalog/filters/facet.html"

    #: Whether its group stands open before anything in it is chosen.
    opens: ClassVar[bool] = False

    def values(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """Return the chosen values. "all" is what Backstage's addresses have for none."""
        return tuple(value for value in chosen if value.lower() != ALL)

    def label(self, value: str, state: CatalogState) -> str:
        """Return how people call a value."""
        return entity_link(value, state.titles).title if self.holds_refs else value

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the options: chosen ones too that no entity has any more, so that they can be taken away."""
        state: CatalogState = page.catalog
        chosen = state.chosen.get(self.param, ())
        values = merged(state.offers.get(self.param, ()), chosen)
        sought = state.sought.get(self.param, "").casefold()
        options = [
            Option(value, self.label(value, state), count, is_chosen, self.param)
            for value, count, is_chosen in (values if sought else foremost(values))
        ]
        found = [one for one in options if not sought or sought in one.label.casefold() or sought in one.value]
        found.sort(key=lambda option: (not option.is_chosen, -option.count, option.label.casefold()))
        # What is chosen stays in the form, whatever is looked for.
        kept = [one for one in options if one.is_chosen and one not in found[:MAX_FOUND]]
        return {
            "title": gettext(self.title),
            "param": self.param,
            "options": (*kept, *found[:MAX_FOUND]),
            "is_known": bool(values),
            "is_long": len(values) > MAX_OPTIONS,
            "sought": state.sought.get(self.param, ""),
            "left_out": max(0, len(found) - MAX_FOUND) if sought else len(values) - len(options),
            "search_url": url_for(filter_options, param=self.param),
            "is_open": self.opens or bool(chosen) or bool(sought),
        }


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind to choose, how many entities are of it, and where it leads."""

    label: str
    count: int
    is_chosen: bool
    kind: str
    url: str

    @property
    def icon(self) -> str:
        """The icon of the kind."""
        return kind_icon(self.kind)


class KindFilter(FacetFilter):
    """Sets the scene: what else there is to choose depends on the kind."""

    name = "kind"
    title = _("Kind")
    param = "kind"
    field = "kind"
    is_scope = True
    sets_aside = ("type", "lifecycles")
    template_name = "catalog/filters/kind.html"
    config_schema = {"initialFilter": {"type": "string", "minLength": 1, "default": "component"}}

    def values(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """Return the chosen kinds, else the configured one."""
        chosen = chosen or (self.config["initialFilter"],)
        return () if any(value.lower() == ALL for value in chosen) else chosen

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the kinds with their counts, and where each leads."""
        state: CatalogState = page.catalog
        options = merged(state.offers.get(self.param, ()), state.chosen.get(self.param, ()))
        query = state.query
        for param in self.sets_aside:
            query = query.with_filter(param, ())
        choices = [
            Kind(kind, count, chosen, kind.lower(), state.link_to(query.with_filter(self.param, [kind.lower()])))
            for kind, count, chosen in options
        ]
        choices.sort(key=lambda choice: (_kind_order(choice.kind), choice.label))
        return {
            "title": gettext(self.title),
            "param": self.param,
            "choices": tuple(choices),
            "total": sum(count for _, count, _ in options),
            "all_url": state.link_to(query.with_filter(self.param, [ALL])),
            "is_all": not state.chosen.get(self.param),
            "asked": query.values(self.param),
        }


class TypeFilter(FacetFilter):
    """What a component, an API, a group is: service, openapi, team."""

    name = "type"
    title = _("Type")
    param = "type"
    field = "spec.type"
    opens = True


class UserListFilter(DrawnOnce):
    """What somebody or their groups own, what they starred, or all."""

    name = "list"
    title = _("Personal")
    param = "user"
    choices = {ALL: _("All"), "owned": _("Owned"), "starred": _("Starred")}
    template_name = "catalog/filters/choice.html"
    config_schema = {"initialFilter": {"enum": list(choices), "default": ALL}}
    #: The icons of the choices.
    icons: ClassVar[dict[str, str]] = {ALL: "layers", "owned": "user-check", "starred": "star"}

    def values(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """Return the one choice, else the configured one; "all" is none, and so is what isn't a choice."""
        choice = chosen[0].lower() if chosen else self.config["initialFilter"]
        return (choice,) if choice in self.choices and choice != ALL else ()

    def predicate(self, values: tuple[str, ...], page: PageContext) -> Predicate | None:
        """Return that one of the person's own refs must be the owner."""
        if values != ("owned",):
            return None
        user = user_of(page.request)
        return {"relations.ownedBy": {"$in": list(user.ownership_refs) if user else []}}

    def refs(self, values: tuple[str, ...], page: PageContext) -> Iterable[str] | None:
        """Return what the person starred."""
        if values != ("starred",):
            return None
        return starred_by(user_of(page.request), page.request)

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the choices with their counts; one that would leave nothing can't be chosen."""
        state: CatalogState = page.catalog
        chosen = (state.chosen.get(self.param) or (ALL,))[0]
        counts = {option["value"]: option["count"] for option in state.offers.get(self.param, ())}
        options = [
            Option(value, gettext(title), counts.get(value, 0), value == chosen, self.param)
            for value, title in self.choices.items()
        ]
        return {
            "title": gettext(self.title),
            "param": self.param,
            "choices": tuple((option, self.icons[option.value]) for option in options),
            "is_initial": chosen == self.config["initialFilter"],
        }


class OwnerFilter(FacetFilter):
    """Who owns it. Backstage's id; refs may be written short, as in ``team-a``."""

    name = "mode"
    title = _("Owner")
    param = "owners"
    field = "relations.ownedBy"
    holds_refs = True
    opens = True
    # Backstage asks for all groups and users, or for owners only; here owners are offered, and others can be named.
    config_schema = {"mode": {"enum": ["owners-only", "all"], "default": "owners-only"}}

    def values(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """Return the chosen owners as canonical refs; what isn't a ref is left out."""
        return tuple(dict.fromkeys(_refs(super().values(chosen))))


class LifecycleFilter(FacetFilter):
    """How far it is: experimental, production, deprecated."""

    name = "lifecycle"
    title = _("Lifecycle")
    param = "lifecycles"
    field = "spec.lifecycle"
    opens = True


class TagFilter(FacetFilter):
    """Tags. An entity must have every chosen one."""

    name = "tag"
    title = _("Tags")
    param = "tags"
    field = "metadata.tags"
    is_conjunctive = True


class ProcessingStatusFilter(DrawnOnce):
    """What is wrong: entities that the last run complained about, and those that nothing leads to any more."""

    name = "processing-status"
    title = _("Processing status")
    param = "status"
    choices = {"error": _("Has error"), "orphan": _("Is orphan")}
    is_conjunctive = True
    template_name = "catalog/filters/facet.html"

    def values(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """Return the chosen states; what isn't one is left out."""
        return tuple(value for value in dict.fromkeys(value.lower() for value in chosen) if value in self.choices)

    def predicate(self, values: tuple[str, ...], page: PageContext) -> Predicate | None:
        """Return that the catalog must have marked it as an orphan."""
        return {f"metadata.annotations.{ANNOTATION_ORPHAN}": "true"} if "orphan" in values else None

    def refs(self, values: tuple[str, ...], page: PageContext) -> Iterable[str] | None:
        """Return the entities whose last run complained."""
        return failing_refs() if "error" in values else None

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the states; none where nothing is wrong."""
        state: CatalogState = page.catalog
        chosen = state.chosen.get(self.param, ())
        counts = {option["value"]: option["count"] for option in state.offers.get(self.param, ())}
        options = tuple(
            Option(value, gettext(title), counts.get(value, 0), value in chosen, self.param)
            for value, title in self.choices.items()
        )
        return {
            "title": gettext(self.title),
            "param": self.param,
            "options": options,
            "is_known": True,
            "is_open": bool(chosen) or any(option.count for option in options),
        }


class NamespaceFilter(FacetFilter):
    """Namespaces; shown if there are several."""

    name = "namespace"
    title = _("Namespace")
    param = "namespace"
    field = "metadata.namespace"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return no options where all entities are in one namespace."""
        context = super().context(page)
        return context if len(context["options"]) > 1 or context["is_open"] else {**context, "is_known": False}


#: The order in which people think of kinds; others follow by name.
_KINDS = ("component", "api", "system", "domain", "resource", "group", "user", "template", "location")


def _kind_order(kind: str) -> int:
    return _KINDS.index(kind) if kind in _KINDS else len(_KINDS)


def _refs(values: Iterable[str]) -> Iterable[str]:
    for value in values:
        try:
            yield stringify_ref(value if ":" in value else f"group:{value}")
        except InputError:
            continue
