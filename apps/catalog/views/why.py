"""Why an entity is missing: somebody gives a ref or an address, and is told how far it came and what to do."""

from __future__ import annotations

import re
from typing import Any

import orjson
import ryaml
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from apps.catalog import routes
from apps.catalog.operations.refreshing import refresh_entity
from apps.catalog.permissions import ENTITY_REFRESH
from apps.catalog.queries import Explanation, Verdict, explain_entity, explain_location, parse_place
from apps.catalog.queries.advice import PATIENCE
from apps.catalog.queries.traces import Traces
from apps.catalog.views.links import entity_link, entity_links, why_url
from portal.entities import EntityRef, LocationRef, parse_ref
from portal.errors import InputError, NotAllowedError, NotFoundError
from portal.http.pages import PageView
from portal.routes.urls import url_for

#: What begins like this is a file; anything else is a ref.
_PLACE = re.compile(r"https?://|/|(?:url|file|admin):", re.IGNORECASE)
#: A question is no longer than this.
LONGEST = 2000


class WhyView(PageView):
    """``/catalog/why?ref=…`` or ``?url=…``; the form sends either as ``q``."""

    template_name = "catalog/pages/why.html"
    fragments = {"why-result": "catalog/pages/_why_result.html"}

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return the answer, if anything was asked, or what is wrong with the question."""
        asked = _question(self.request)
        values: dict[str, Any] = {
            "asked": asked,
            "url": url_for(routes.why),
            "catalog_url": url_for(routes.catalog_index),
            "locations_url": url_for(routes.locations),
        }
        if not asked:
            return values
        try:
            question = _read(asked)
        except InputError as error:
            return {**values, "mistake": error.message}
        if isinstance(question, LocationRef):
            explanation = explain_location(question, credentials=self.credentials)
        else:
            explanation = explain_entity(question, credentials=self.credentials)
        return {**values, **_shown(explanation), "refresh_scheduled": self.request.GET.get("refresh") == "scheduled"}


class WhyRefreshView(PageView):
    """Asks for what keeps an entity to be looked at again now."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Make an entity due, as a rule a Location, and go back to the question.

        Raises ``NotFoundError`` if there is none, or none that may be seen, and ``NotAllowedError``.
        """
        ref = str(parse_ref(request.POST.get("ref", "")))
        traces = Traces([ref], credentials=self.credentials)
        if traces[ref].state is None:
            raise NotFoundError(f"There is no entity {ref} that could be refreshed.")
        if not traces.may_refresh(traces[ref]):
            raise NotAllowedError(f"This takes the permission '{ENTITY_REFRESH.name}' on {ref}, which you don't have.")
        refresh_entity(ref=ref, actor=self.credentials.principal.subject)
        return HttpResponseRedirect(why_url(q=request.POST.get("q", "")[:LONGEST] or ref, refresh="scheduled") or "/")


def _question(request: HttpRequest) -> str:
    asked = request.GET.get("q") or request.GET.get("ref") or request.GET.get("url") or ""
    return asked.strip()[:LONGEST]


def _read(asked: str) -> EntityRef | LocationRef:
    return parse_place(asked) if _PLACE.match(asked) else parse_ref(asked)


def _shown(explanation: Explanation) -> dict[str, Any]:
    now = timezone.now()
    run = explanation.next_run_at
    change = explanation.last_change
    return {
        "explanation": explanation,
        "tone": _TONES[explanation.verdict],
        "entity": entity_link(explanation.ref) if explanation.ref else None,
        "is_served": bool(explanation.ref) and any(s.id == "served" and s.state == "ok" for s in explanation.steps),
        # What is overdue won't be there in two seconds either.
        "is_moving": explanation.is_due and (run is None or now - run < PATIENCE),
        "is_overdue": run is not None and run <= now,
        "pointers": [(entity_link(pointer.ref), pointer.type) for pointer in explanation.pointers],
        "similar": entity_links(explanation.similar),
        "outcomes": [(entity_link(one.ref), one, why_url(ref=one.ref)) for one in explanation.entities],
        "conflicts": [(entity_link(one.ref), one) for one in explanation.conflicts],
        "last_version": ryaml.dumps(_as_written(change.before)) if change and change.before else "",
    }


#: What the catalog has put into an entity, and nobody would write.
_ADDED = ("relations", "status")


def _as_written(stored: str) -> dict[str, Any]:
    entity: dict[str, Any] = orjson.loads(stored)
    metadata = {key: value for key, value in entity["metadata"].items() if key not in {"uid", "etag"}}
    return {**{key: value for key, value in entity.items() if key not in _ADDED}, "metadata": metadata}


_TONES = {
    Verdict.SERVED: "success",
    Verdict.OUTDATED: "warning",
    Verdict.CONFLICT: "warning",
    Verdict.WAITING: "info",
    Verdict.INVALID: "error",
    Verdict.REFUSED: "error",
    Verdict.DELETED: "warning",
    Verdict.UNKNOWN: "warning",
}
