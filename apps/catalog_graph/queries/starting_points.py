"""Where a graph may begin, and which kinds there are to choose from."""

from __future__ import annotations

from dataclasses import dataclass

from portal.clients import CatalogClient
from portal.entities import TITLE_FIELDS, ref_of
from portal.extensions.presentation import title_of

#: What is offered before anybody looks for something: what holds the most.
OFFERED = ("kind=domain", "kind=system")
#: What people look for words in.
SEARCHED = ("metadata.name", "metadata.title", "spec.profile.displayName")
MOST = 24


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """An entity to begin with."""

    ref: str
    title: str
    kind: str


def starting_points(client: CatalogClient, text: str = "") -> list[StartingPoint]:
    """Return the entities in whose name or title ``text`` is; without one, domains and systems. One request."""
    page = client.query_entities(
        filter=() if text else OFFERED,
        fields=TITLE_FIELDS,
        order_by=(("metadata.name", "asc"),),
        full_text=text,
        full_text_fields=SEARCHED if text else (),
        limit=MOST,
    )
    return [StartingPoint(str(ref_of(one)), title_of(one), one["kind"]) for one in page.items]


def kinds_in_use(client: CatalogClient) -> dict[str, int]:
    """Return the kinds of the catalog as they are written, in order, each with the number of its entities."""
    return dict(sorted(client.get_facets(["kind"])["kind"].items(), key=lambda item: item[0].casefold()))
