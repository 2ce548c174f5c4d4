"""``/greenroom/why``: what became of an entity or a file. Backstage has no such route, and none that begins like it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api.history import moment_text
from apps.catalog.models import HistoryEntry
from apps.catalog.queries import Explanation, explain_entity, explain_location, parse_place
from apps.catalog.queries.explanations import NameConflict, Outcome, Source
from apps.catalog.queries.refresh_states import Problem
from apps.catalog.queries.steps import Step
from portal.entities import parse_ref
from portal.errors import InputError
from portal.http.query import QueryParams
from portal.http.views import ApiView


class WhyView(ApiView):
    """``GET /greenroom/why?ref=<ref>`` or ``?url=<address>``."""

    def get(self, request: Request) -> Response:
        """Explain an entity, or a file and all that is in it."""
        params = QueryParams(request._request, allowed=("ref", "url"))
        ref, url = params.text("ref"), params.text("url")
        credentials = self.credentials(request)
        if ref is not None and url is None:
            return Response(explanation_json(explain_entity(parse_ref(ref), credentials=credentials)))
        if url is not None and ref is None:
            return Response(explanation_json(explain_location(parse_place(url), credentials=credentials)))
        raise InputError("Name what is to be explained: either 'ref', that of an entity, or 'url', that of a file.")


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as the API gives it; times are null where there are none."""
    subject = {"entityRef": explanation.ref} if explanation.ref else {"location": explanation.location}
    return {
        **subject,
        "verdict": explanation.verdict,
        "summary": explanation.summary,
        "steps": [_step(step) for step in explanation.steps],
        "advice": explanation.advice,
        "nextRefreshAt": _moment(explanation.next_run_at),
        "refreshIsDue": explanation.is_due,
        "mayRefresh": explanation.may_refresh,
        "sources": [_source(source) for source in explanation.sources],
        "conflicts": [_conflict(conflict) for conflict in explanation.conflicts],
        "danglingRelations": {
            "count": explanation.pointer_count,
            "items": [{"sourceRef": pointer.ref, "type": pointer.type} for pointer in explanation.pointers],
        },
        "deleted": _deletion(explanation.last_change),
        "similarRefs": explanation.similar,
        "suspects": [_source(source) for source in explanation.suspects],
        "entities": [_outcome(outcome) for outcome in explanation.entities],
        "nearbyLocations": explanation.nearby,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "title": step.title,
        "state": step.state,
        "message": step.message,
        "problems": _problems(step.problems),
    }


def _problems(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    return [
        {
            "name": problem.name,
            "message": problem.message,
            "location": problem.location or None,
            "document": problem.document,
            "line": problem.line,
        }
        for problem in problems
    ]


def _source(source: Source) -> dict[str, Any]:
    return {
        "type": "entity" if source.ref else "provider",
        "title": source.title,
        "entityRef": source.ref or None,
        "targets": list(source.targets),
        "state": source.state,
        "problems": _problems(source.problems),
        "lastFoundAt": _moment(source.last_found_at),
        "nextRefreshAt": _moment(source.next_run_at),
        "mayRefresh": source.may_refresh,
    }


def _conflict(conflict: NameConflict) -> dict[str, Any]:
    return {
        "entityRef": conflict.ref,
        "owner": conflict.owner or None,
        "loser": conflict.loser or None,
        "firstSeenAt": _moment(conflict.first_seen_at),
        "lastSeenAt": _moment(conflict.last_seen_at),
    }


def _deletion(change: HistoryEntry | None) -> dict[str, Any] | None:
    if change is None or change.before is None:
        return None
    return {"at": _moment(change.at), "cause": change.cause, "lastVersion": orjson.loads(change.before)}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {"entityRef": outcome.ref, "verdict": outcome.verdict, "problems": _problems(outcome.problems)}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)
