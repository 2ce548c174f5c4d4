"""The dialogs of an entity's page: what the catalog knows of it, and how to take it away."""

from __future__ import annotations

from typing import Any

import orjson
import ryaml
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from apps.catalog.conf import conf
from apps.catalog.extensions.inspection import ancestry_tree, colocated_groups, facts_of, relation_groups
from apps.catalog.permissions import ENTITY_DELETE, LOCATION_DELETE
from apps.catalog.queries.removal import removal_of
from apps.catalog.views.links import entity_link
from apps.catalog.views.related import RelatedEntities
from portal.entities import Entity, ref_of
from portal.extensions import PageContext
from portal.extensions.entity_page import EntityDialog
from portal.services import permissions

#: Of a longer text only the beginning is shown; the API has all of it.
LONGEST_TEXT = 200_000

INSPECT_TABS = {
    "overview": _("Overview"),
    "ancestry": _("Ancestry"),
    "colocated": _("Colocated"),
    "json": _("Raw JSON"),
    "yaml": _("Raw YAML"),
}


class InspectMenuItem(EntityDialog):
    """Shows what the catalog knows of the entity, ``?inspect=<tab>`` as in Backstage."""

    name = "inspect-entity"
    title = _("Inspect entity")
    icon = "braces"
    param = "inspect"
    first_value = "overview"
    dialog_template_name = "catalog/dialogs/inspect.html"

    def dialog_context(self, page: PageContext, value: str) -> dict[str, Any]:
        """Return the tabs and the content of the one that is asked for; the first for one that there isn't."""
        tab = value if value in INSPECT_TABS else self.first_value
        related: RelatedEntities = page.related
        ref = ref_of(page.entity)
        return {
            "tab": tab,
            "tabs": [(key, gettext(title)) for key, title in INSPECT_TABS.items()],
            "param": self.param,
            "ref": str(ref),
            "api_url": f"/api/catalog/entities/by-name/{ref.kind.lower()}/{ref.namespace}/{ref.name}",
            **_inspected(tab, page.entity, related),
        }


class UnregisterMenuItem(EntityDialog):
    """Takes the entity away: the location that led to it with all that came from there, or the entity alone."""

    name = "unregister-entity"
    title = _("Unregister entity")
    icon = "trash-2"
    is_destructive = True
    param = "unregister"
    dialog_template_name = "catalog/dialogs/unregister.html"

    def href(self, page: PageContext) -> str | None:
        """Return the address of the dialog; None, which shows that it can't be done, without the permission."""
        return super().href(page) if _may_delete(page) else None

    def is_asked_for(self, page: PageContext) -> bool:
        """Say whether the address asks for it, and whoever asks may delete."""
        return super().is_asked_for(page) and _may_delete(page)

    def dialog_context(self, page: PageContext, value: str) -> dict[str, Any]:
        """Return the state, what would go, and what isn't allowed."""
        related: RelatedEntities = page.related
        removal = removal_of(page.entity, credentials=related.credentials)
        entities = removal.colocated.entities if removal.colocated else []
        return {
            "ref": related.ref,
            "link": related.link(related.ref),
            "removal": removal,
            "state": removal.state.value,
            "gone": [entity_link(ref_of(one), {}) for one in entities],
            "more": removal.colocated.total - len(entities) if removal.colocated else 0,
            "may_unregister": permissions.authorize(LOCATION_DELETE, related.credentials).allowed,
            "is_readonly": conf.readonly,
            "action_url": f"{entity_link(ref_of(page.entity)).url}/-/unregister",
        }


def _may_delete(page: PageContext) -> bool:
    related: RelatedEntities = page.related
    return permissions.authorize(ENTITY_DELETE, related.credentials, resource=page.entity).allowed


def _inspected(tab: str, entity: Entity, related: RelatedEntities) -> dict[str, Any]:
    """Return what a tab of the dialog shows."""
    match tab:
        case "ancestry":
            return {"root": ancestry_tree(related.ref, credentials=related.credentials)}
        case "colocated":
            return {"groups": colocated_groups(entity, credentials=related.credentials)}
        case "json" | "yaml":
            as_json = tab == "json"
            text = orjson.dumps(entity, option=orjson.OPT_INDENT_2).decode() if as_json else ryaml.dumps(entity)
            return {"text": text[:LONGEST_TEXT], "is_cut": len(text) > LONGEST_TEXT, "length": len(text)}
        case _:
            return {**facts_of(entity), "relations": relation_groups(related)}
