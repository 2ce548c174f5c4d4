"""The page of the graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from apps.catalog_graph import routes
from apps.catalog_graph.forms import SMOOTH, STEPS, GraphQuery
from apps.catalog_graph.layout import Direction
from apps.catalog_graph.queries import Graph, Limits, NodeState, kinds_in_use, starting_points
from apps.catalog_graph.views.drawing import client_for, drawn, graph_for, pairs_in
from apps.catalog_graph.views.lettering import printable
from portal.clients import CatalogClient
from portal.extensions.icons import kind_icon
from portal.http.pages import PageView
from portal.routes.urls import url_for

#: What is drawn on a page.
LIMITS = Limits()
#: Width and height up to which a drawing isn't enlarged.
LEAST_VIEW = (960.0, 560.0)
#: The element that has the drawing.
RESULT = "catalog-graph-result"


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that may be chosen in the form."""

    value: str
    label: str
    is_chosen: bool
    count: int | None = None


class CatalogGraphView(PageView):
    """``/catalog-graph``. Asked for by htmx, it answers with the drawing alone, or with what it says in words.

    The words are as much as the drawing, and few look at them: the page has them if it is asked for ``words``.
    """

    template_name = "catalog_graph/page.html"
    fragments = {RESULT: "catalog_graph/_result.html", "catalog-graph-words": "catalog_graph/_sentences.html"}

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Show the graph. The address that htmx leaves in the browser is the short one."""
        values = self.context()
        response = self.render(values)
        if request.headers.get("HX-Target") == RESULT:
            response["HX-Push-Url"] = values["own_url"]
        return response

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return the picture, or where to begin, with the state of the form."""
        defaults = GraphQuery.configured(self.page.config)
        query = GraphQuery.parse(self.request.GET, defaults)
        client = client_for(self.credentials)
        self._url, self._defaults = url_for(routes.catalog_graph) or self.request.path, defaults
        values: dict[str, Any] = {
            "query": query,
            "graph_url": self._url,
            "own_url": self._link_to(query),
            "zoom": self.page.config.get("zoom") or "enabled",
        }
        if not query.roots:
            return {**values, **self._beginnings(query, client)}
        graph = graph_for(query, client, self.page.config, LIMITS)
        around = query.encoder_of_roots(defaults)
        picture = drawn(graph, query, graph_url=lambda ref: f"{self._url}?{around(ref)}")
        roots = [node for node in picture.nodes if node.id in query.roots]
        in_words = "words" in self.request.GET
        return {
            **values,
            "picture": picture,
            "view_box": picture.view_box(*LEAST_VIEW),
            "in_words": in_words,
            "words_url": "" if in_words else f"{values['own_url']}{'&' if '?' in values['own_url'] else '?'}words",
            "is_cut": graph.is_cut,
            "limit": LIMITS.entities,
            "roots": roots,
            "missing_roots": [root.ref for root in roots if root.state == NodeState.MISSING],
            "toggle_filters_url": self._link_to(replace(query, show_filters=not query.show_filters)),
            "reset_url": self._link_to(replace(defaults, roots=query.roots)),
            "is_narrowed": bool(query.kinds or query.relations),
            **self._choices(query, graph, client),
        }

    def title(self, values: Mapping[str, Any]) -> str:
        """Return what the graph is of, and that it is one."""
        title = super().title(values)
        names = ", ".join(node.title for node in values.get("roots", ()))
        return f"{names} | {title}" if names else title

    def _link_to(self, query: GraphQuery) -> str:
        encoded = query.encode(self._defaults)
        return f"{self._url}?{encoded}" if encoded else self._url

    def _beginnings(self, query: GraphQuery, client: CatalogClient) -> dict[str, Any]:
        """Return where a graph may begin: what somebody looks for, or what the catalog is divided into."""
        return {
            "beginnings": [
                (self._link_to(query.with_roots(point.ref)), kind_icon(point.kind), point)
                for point in starting_points(client, query.text)
            ]
        }

    def _choices(self, query: GraphQuery, graph: Graph, client: CatalogClient) -> dict[str, Any]:
        """Return what the form offers; of kinds and relations, what the config says or what there is."""
        if not query.show_filters or self.request.headers.get("HX-Target") in self.fragments:
            return {}
        counts = kinds_in_use(client)
        offered = self.page.config.get("kinds") or counts
        relations = self.page.config.get("relations") or [one for pair in pairs_in(self.page.config) for one in pair]
        seen = [one for edge in graph.edges for relation in edge.relations for one in relation]
        return {
            "kinds": [
                Choice(kind.lower(), kind, kind.lower() in query.kinds, counts.get(kind))
                for kind in _each_once([*offered, *query.kinds])
            ],
            "relations": [
                Choice(relation, printable(relation), relation in query.relations)
                for relation in sorted({*relations, *seen, *query.relations}, key=str.casefold)
            ],
            "directions": [
                Choice(direction, label, direction == query.direction)
                for direction, label in (
                    (Direction.LEFT_RIGHT, _("Left to right")),
                    (Direction.RIGHT_LEFT, _("Right to left")),
                    (Direction.TOP_BOTTOM, _("Top to bottom")),
                    (Direction.BOTTOM_TOP, _("Bottom to top")),
                )
            ],
            "curves": [
                Choice(curve, label, curve == query.curve)
                for curve, label in ((SMOOTH, _("Smooth")), (STEPS, _("Right angles")))
            ],
        }


def _each_once(kinds: Iterable[str]) -> list[str]:
    """Return kinds without those that are there in another spelling."""
    found: dict[str, str] = {}
    for kind in kinds:
        found.setdefault(kind.lower(), kind)
    return list(found.values())
