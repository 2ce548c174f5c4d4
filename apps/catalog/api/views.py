"""Views of the catalog's API. Reads pass stored JSON through; nothing here knows how it is found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import urlencode
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api import bodies
from apps.catalog.api.history import parse_moment
from apps.catalog.operations import delete_entity_by_uid
from apps.catalog.permissions import ENTITY_DELETE
from apps.catalog.queries import (
    EVERYTHING,
    Cursor,
    Filter,
    FullText,
    Projection,
    both,
    entities_by_refs,
    entity_ancestry,
    entity_by_ref,
    entity_by_uid,
    entity_facets,
    list_entities,
    list_entities_by_offset,
    list_entity_groups,
    parse_after,
    parse_filters,
    parse_orders,
    parse_predicate,
    query_entities,
    require_on_entity,
    visible_to,
)
from apps.catalog.queries.history import entity_as_of
from apps.catalog.queries.paging import DEFAULT_LIMIT
from portal.entities import EntityRef
from portal.errors import InputError
from portal.http.json import json_array, json_bytes, stream_json_array
from portal.http.query import QueryParams
from portal.http.views import ApiView, Audit


class EntityListView(ApiView):
    """``GET /entities``: everything, streamed; or a page by offset, with a link to the next one."""

    audits = {"get": Audit("entity-fetch", meta={"queryType": "all"})}

    PARAMETERS = ("filter", "fields", "order", "limit", "offset", "after")

    def get(self, request: Request) -> HttpResponse | StreamingHttpResponse:
        """List entities."""
        params = QueryParams(request._request, allowed=self.PARAMETERS)
        matching = parse_filters(params.list("filter"))
        projection = bodies.projection(params)
        orders = parse_orders(params.list("order"))
        if not any(params.has(name) for name in ("limit", "offset", "after")):
            credentials = self.credentials(request)
            if not orders and not projection.paths:
                return stream_json_array(list_entity_groups(credentials=credentials, filter=matching))
            first = orders[0] if orders else None
            found = list_entities(credentials=credentials, filter=matching, order=first)
            return stream_json_array(map(projection.text, found))
        limit, offset = params.integer("limit", minimum=1), params.integer("offset")
        after = params.text("after")
        if after is not None:
            after_limit, after_offset = parse_after(after)
            limit = limit if after_limit is None else after_limit
            offset = offset if after_offset is None else after_offset
        page = list_entities_by_offset(
            credentials=self.credentials(request), filter=matching, orders=orders, limit=limit, offset=offset
        )
        response = json_bytes(json_array(map(projection.text, page.items)))
        if page.after:
            response["Link"] = f'<{self._next_url(request, page.after)}>; rel="next"'
        return response

    def _next_url(self, request: Request, after: str) -> str:
        """Return the page's address below the plugin's mount point, as Backstage gives it."""
        pairs = [(name, value) for name, values in request._request.GET.lists() if name != "offset" for value in values]
        if any(name == "after" for name, _ in pairs):
            pairs = [(name, after if name == "after" else value) for name, value in pairs]
        else:
            pairs.append(("after", after))
        return f"/entities?{urlencode(pairs)}"


class EntityQueryView(ApiView):
    """``GET`` and ``POST /entities/by-query``: a page by cursor, with the total."""

    audits = {
        "get": Audit("entity-fetch", meta={"queryType": "by-query"}),
        "post": Audit("entity-fetch", meta={"queryType": "by-query"}),
    }

    PARAMETERS = (
        "filter",
        "fields",
        "limit",
        "offset",
        "orderField",
        "cursor",
        "fullTextFilterTerm",
        "fullTextFilterFields",
        "totalItems",
    )

    def get(self, request: Request) -> HttpResponse:
        """Ask by query parameters. With a cursor, only ``limit`` and ``fields`` count beside it."""
        params = QueryParams(request._request, allowed=self.PARAMETERS)
        term = params.text("fullTextFilterTerm")
        fields = params.list("fullTextFilterFields", split=True)
        asked = Cursor(
            orders=bodies.order_fields(params),
            full_text=FullText(term, tuple(fields)) if term else None,
            filters=tuple(params.list("filter")),
        )
        return self._answer(
            request,
            params.text("cursor"),
            asked,
            projection=bodies.projection(params),
            limit=params.integer("limit"),
            offset=params.integer("offset"),
            count=params.choice("totalItems", ("include", "exclude"), default="include") == "include",
        )

    def post(self, request: Request) -> HttpResponse:
        """Ask by a JSON body. With a cursor, only ``limit`` and ``fields`` count beside it."""
        QueryParams(request._request, allowed=())
        body: Mapping[str, Any] = self.json_object(request)
        total = bodies.choice(body, "totalItems", ("include", "exclude"))
        bodies.predicate(body)
        asked = Cursor(orders=bodies.orders(body), full_text=bodies.full_text(body), query=body.get("query"))
        return self._answer(
            request,
            bodies.text(body, "cursor"),
            asked,
            projection=Projection.of(bodies.text_list(body, "fields") or ()),
            limit=bodies.natural(body, "limit"),
            offset=bodies.natural(body, "offset"),
            count=total == "include",
        )

    def _answer(
        self,
        request: Request,
        cursor: str | None,
        asked: Cursor,
        *,
        projection: Projection,
        limit: int | None,
        offset: int | None,
        count: bool,
    ) -> HttpResponse:
        question = asked if cursor is None else Cursor.decode(cursor)
        page = query_entities(
            question,
            filter=_filter_of(question),
            visible=visible_to(self.credentials(request)),
            limit=DEFAULT_LIMIT if limit is None else limit,
            offset=offset or 0,
            count=count,
        )
        neighbours = {"nextCursor": page.next, "prevCursor": page.previous}
        info = {name: neighbour.encode() for name, neighbour in neighbours.items() if neighbour}
        items = json_array(map(projection.text, page.items))
        return json_bytes(b'{"items":%b,"totalItems":%d,"pageInfo":%b}' % (items, page.total, orjson.dumps(info)))


def _filter_of(cursor: Cursor) -> Filter:
    if cursor.query is not None:
        return parse_predicate(cursor.query)
    return parse_filters(cursor.filters)


class EntityByNameView(ApiView):
    """``GET /entities/by-name/<kind>/<namespace>/<name>``, in any case. Backstage has no ``asOf``."""

    audits = {"get": Audit("entity-fetch", meta={"queryType": "by-name"})}

    def get(self, request: Request, kind: str, namespace: str, name: str) -> HttpResponse:
        """Return the entity, or with ``asOf=<time>`` what it was then."""
        params = QueryParams(request._request, allowed=("asOf",))
        ref, as_of = EntityRef(kind, namespace, name), params.text("asOf")
        if as_of is None:
            return json_bytes(entity_by_ref(ref, credentials=self.credentials(request)))
        return json_bytes(entity_as_of(ref, parse_moment(as_of), credentials=self.credentials(request)))


class EntityByUidView(ApiView):
    """``GET`` and ``DELETE /entities/by-uid/<uid>``."""

    audits = {
        "get": Audit("entity-fetch", meta={"queryType": "by-id"}),
        "delete": Audit("entity-mutate", "medium", {"actionType": "delete"}),
    }

    def get(self, request: Request, uid: str) -> HttpResponse:
        """Return the entity."""
        QueryParams(request._request, allowed=())
        return json_bytes(entity_by_uid(uid, credentials=self.credentials(request)))

    def delete(self, request: Request, uid: str) -> Response:
        """Delete the entity; it comes back if a file still has it. The answer is the same if there is none."""
        QueryParams(request._request, allowed=())
        entity_id = bodies.uid(uid)
        credentials = self.credentials(request)
        require_on_entity(ENTITY_DELETE, credentials, entity_id=entity_id)
        delete_entity_by_uid(uid=entity_id, actor=credentials.principal.subject)
        return Response(status=204)


class EntityByRefsView(ApiView):
    """``POST /entities/by-refs``: many at once, in the order asked, null where there is none."""

    audits = {"post": Audit("entity-fetch", meta={"queryType": "by-refs"})}

    def post(self, request: Request) -> HttpResponse:
        """Return ``{items: [entity | null]}``."""
        params = QueryParams(request._request, allowed=("filter",))
        body = self.json_object(request)
        refs = bodies.text_list(body, "entityRefs", required=True, at_most=None) or []
        projection = Projection.of(bodies.text_list(body, "fields") or ())
        matching = both(parse_filters(params.list("filter")), bodies.predicate(body))
        found = entities_by_refs(refs, credentials=self.credentials(request), filter=matching)
        return json_bytes(b'{"items":%b}' % json_array(_texts(found, projection)))


def _texts(found: Iterable[str | None], projection: Projection) -> Iterable[str]:
    return ("null" if text is None else projection.text(text) for text in found)


class EntityAncestryView(ApiView):
    """``GET /entities/by-name/…/ancestry``: the entity, and which entities led to it."""

    audits = {"get": Audit("entity-fetch", meta={"actionType": "ancestry"})}

    def get(self, request: Request, kind: str, namespace: str, name: str) -> HttpResponse:
        """Return ``{rootEntityRef, items: [{entity, parentEntityRefs}]}``."""
        QueryParams(request._request, allowed=())
        ref = EntityRef(kind, namespace, name)
        ancestors = entity_ancestry(ref, credentials=self.credentials(request))
        items = json_array(
            f'{{"entity":{one.entity},"parentEntityRefs":{orjson.dumps(one.parents).decode()}}}' for one in ancestors
        )
        return json_bytes(b'{"rootEntityRef":%b,"items":%b}' % (orjson.dumps(str(ref)), items))


class EntityFacetsView(ApiView):
    """``GET`` and ``POST /entity-facets``: the values of fields, counted."""

    audits = {"get": Audit("entity-facets"), "post": Audit("entity-facets")}

    def get(self, request: Request) -> Response:
        """Ask by query parameters."""
        params = QueryParams(request._request, allowed=("facet", "filter"))
        facets = params.list("facet")
        if not facets:
            raise InputError("Query parameter 'facet' is missing; name at least one field, such as facet=kind.")
        return self._answer(request, facets, parse_filters(params.list("filter")))

    def post(self, request: Request) -> Response:
        """Ask by a JSON body."""
        QueryParams(request._request, allowed=())
        body = self.json_object(request)
        facets = bodies.text_list(body, "facets", required=True)
        if not facets:
            raise InputError("'facets' in the request body is empty; name at least one field, such as \"kind\".")
        return self._answer(request, facets, bodies.predicate(body))

    def _answer(self, request: Request, facets: list[str], matching: Filter = EVERYTHING) -> Response:
        found = entity_facets(facets, credentials=self.credentials(request), filter=matching)
        return Response({"facets": found})
