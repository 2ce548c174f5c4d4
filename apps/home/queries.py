"""What the home page shows: visits, and the widgets in the order of the person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jsonschema_rs import validator_for

from apps.home.extension_points import PageVisit
from apps.home.models import Arrangement, Visit
from portal.clients import catalog
from portal.credentials import Credentials
from portal.entities import TITLE_FIELDS
from portal.extensions import HomeWidget, Node
from portal.extensions.presentation import title_of

PLUGIN_ID = "home"

#: Key to JSON Schema of what may be set.
SettingsSchema = Mapping[str, Mapping[str, Any]]

#: What ``defaultConfig`` may say of a place.
_CONFIGURED = ("width", "height", "movable", "deletable", "resizable")


@dataclass(frozen=True, slots=True)
class Place:
    """A widget in its place: whether it is shown, how large it is, and what the person set."""

    node: Node
    visible: bool
    #: Of twelve columns.
    width: int
    #: Rows; 0: as high as what is in it.
    height: int = 0
    #: What the person set of the widget's settings.
    own_settings: Mapping[str, Any] = field(default_factory=dict)
    #: What the person may do with it.
    movable: bool = True
    deletable: bool = True
    resizable: bool = True

    @property
    def widget(self) -> HomeWidget:
        """The widget."""
        widget: HomeWidget = self.node.extension  # type: ignore[assignment]
        return widget

    @property
    def settings(self) -> dict[str, Any]:
        """What the widget's template gets as ``settings``: the person's, else those of configuration and schema.

        What no longer fits the schema, since the widget was changed, is left out.
        """
        schema = self.widget.settings_schema
        defaults = {key: self.widget.config.get(key, facts.get("default")) for key, facts in schema.items()}
        own = {key: value for key, value in self.own_settings.items() if key in schema}
        unfit = {name for name, _ in setting_faults(schema, own)} if own else set()
        return defaults | {key: value for key, value in own.items() if key not in unfit}


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
    found = catalog.acting_for(PLUGIN_ID, credentials).get_entities_by_refs(wanted, fields=(*TITLE_FIELDS, "spec.type"))
    return {
        ref: (title_of(entity), str(entity.get("spec", {}).get("type") or entity["kind"]))
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

    ``defaults`` is the page's ``defaultConfig``, in the order of its rows and columns: if there is one, widgets that it
    doesn't name are hidden. What somebody arranged comes first; widgets that were installed since follow as they are by
    default.
    """
    places = {node.id: _unarranged(node, visible=not defaults) for node in nodes}
    order = list(places)
    named = sorted(defaults, key=lambda one: (one.get("row", 0), one.get("column", 0)))
    configured = {widget_id: one for one in named if (widget_id := _known(one.get("component"), places))}
    for widget_id, one in configured.items():
        facts = {key: one[key] for key in _CONFIGURED if key in one}
        places[widget_id] = replace(places[widget_id], visible=True, **facts)
    order = list(dict.fromkeys([*configured, *order]))
    if arrangement is not None:
        own = {one["widget"]: one for one in arrangement if one["widget"] in places}
        for widget_id, one in own.items():
            places[widget_id] = replace(
                places[widget_id],
                visible=one["visible"],
                width=one["width"],
                height=one.get("height", places[widget_id].height),
                own_settings=one.get("settings", {}),
            )
        order = list(dict.fromkeys([*own, *order]))
    return [places[widget_id] for widget_id in order]


def setting_faults(schema: SettingsSchema, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what of some settings doesn't fit their schema: the key, and why."""
    validator = validator_for({"type": "object", "properties": dict(schema)})
    return [(str(error.instance_path[0]), error.message) for error in validator.iter_errors(dict(settings))]


def _visits(user_ref: str, order: str, limit: int) -> list[PageVisit]:
    rows = Visit.objects.filter(user_ref=user_ref).order_by(order, "-last_at", "pk")[:limit]
    return [PageVisit(row.path, row.title, row.entity_ref, row.hits, row.last_at) for row in rows]


def _unarranged(node: Node, *, visible: bool) -> Place:
    """Return a widget as it says itself that it is."""
    widget: HomeWidget = node.extension  # type: ignore[assignment]
    return Place(node, visible=visible and widget.shown, width=widget.width, height=widget.height)


def _known(component: Any, places: Mapping[str, Place]) -> str:
    """Return the id of the widget that a configuration means, by id or by name; empty if there is none."""
    if component in places:
        return str(component)
    return next((key for key, place in places.items() if place.node.extension.name == component), "")
