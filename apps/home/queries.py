"""What the home page shows: visits, and the widgets in the order of the person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps.home.extension_points import PageVisit
from apps.home.models import Arrangement, Visit
from portal.clients import catalog
from portal.credentials import Credentials
from portal.entities import entity_title
from portal.extensions import HomeWidget, Node

PLUGIN_ID = "home"
#: What of an entity is needed to name it.
NAMING_FIELDS = (
    "kind",
    "metadata.name",
    "metadata.namespace",
    "metadata.title",
    "spec.profile.displayName",
    "spec.type",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A widget in its place: whether it is shown, and how many of twelve columns it takes."""

    node: Node
    visible: bool
    width: int

    @property
    def widget(self) -> HomeWidget:
        """The widget."""
        widget: HomeWidget = self.node.extension  # type: ignore[assignment]
        return widget

    @property
    def settings(self) -> dict[str, Any]:
        """What the widget's template gets as ``settings``: the defaults of its schema."""
        return {key: schema.get("default") for key, schema in self.widget.settings_schema.items()}


def recent_visits(user_ref: str, *, limit: int) -> list[PageVisit]:
    """Return what somebody visited last. One query."""
    return _visits(user_ref, "-last_at", limit)


def most_visits(user_ref: str, *, limit: int) -> list[PageVisit]:
    """Return what somebody visited most often; of equals, the latest first. One query."""
    return _visits(user_ref, "-hits", limit)


def named_entities(refs: Sequence[str], *, credentials: Credentials) -> dict[str, tuple[str, str]]:
    """Return title and type of each entity that the person may see, by ref. One request to the catalog, if any."""
    wanted = list(dict.fromkeys(refs))
    if not wanted:
        return {}
    found = catalog.acting_for(PLUGIN_ID, credentials).get_entities_by_refs(wanted, fields=NAMING_FIELDS)
    return {
        ref: (entity_title(entity), str(entity.get("spec", {}).get("type") or entity["kind"]))
        for ref, entity in zip(wanted, found, strict=True)
        if entity is not None
    }


def arrangement_of(user_ref: str) -> list[dict[str, Any]] | None:
    """Return how somebody arranged their page; None if they left it as it is configured. One query."""
    widgets: list[dict[str, Any]] | None = (
        Arrangement.objects.filter(user_ref=user_ref).values_list("widgets", flat=True).first()
    )
    return widgets


def placed(
    nodes: Iterable[Node], arrangement: Sequence[Mapping[str, Any]] | None, defaults: Sequence[Mapping[str, Any]]
) -> list[Place]:
    """Return the widgets in their places.

    ``defaults`` is the page's ``defaultConfig``: if there is one, widgets that it doesn't name are hidden. What
    somebody arranged comes first; widgets that were installed since follow as they are by default.
    """
    places = {node.id: Place(node, visible=not defaults, width=_width(node)) for node in nodes}
    order = list(places)
    named = [one for one in defaults if _known(one.get("component"), places)]
    ordered = [_known(one["component"], places) for one in named]
    for widget_id, one in zip(ordered, named, strict=True):
        places[widget_id] = replace(places[widget_id], visible=True, width=one.get("width", places[widget_id].width))
    order = list(dict.fromkeys([*ordered, *order]))
    if arrangement is not None:
        own = [one for one in arrangement if one["widget"] in places]
        for one in own:
            places[one["widget"]] = replace(places[one["widget"]], visible=one["visible"], width=one["width"])
        order = list(dict.fromkeys([*(one["widget"] for one in own), *order]))
    return [places[widget_id] for widget_id in order]


def _visits(user_ref: str, order: str, limit: int) -> list[PageVisit]:
    rows = Visit.objects.filter(user_ref=user_ref).order_by(order, "-last_at", "pk")[:limit]
    return [PageVisit(row.path, row.title, row.entity_ref, row.hits, row.last_at) for row in rows]


def _width(node: Node) -> int:
    return int(getattr(node.extension, "width", 6))


def _known(component: Any, places: Mapping[str, Place]) -> str:
    """Return the id of the widget that a configuration means, by id or by name; empty if there is none."""
    if component in places:
        return str(component)
    return next((key for key, place in places.items() if place.node.extension.name == component), "")
