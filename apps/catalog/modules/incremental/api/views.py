"""The administrative routes of Backstage's incremental ingestion, with its answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

import orjson
from django.db.models import Count
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.modules.incremental import control
from apps.catalog.modules.incremental.models import Ingestion, Mark, Status
from apps.catalog.modules.incremental.permissions import INGESTION_MANAGE, INGESTION_READ
from portal.http.views import ApiView
from portal.services import permissions


class _View(ApiView):
    """Reading and managing are two permissions."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in whoever may read, or manage if the request isn't one that reads."""
        super().initial(request, *args, **kwargs)
        permission = INGESTION_READ if request.method == "GET" else INGESTION_MANAGE
        permissions.require(permission, self.credentials(request))


class HealthView(_View):
    """``GET /incremental/health``."""

    def get(self, request: Request) -> Response:
        """Say whether each provider has one ingestion."""
        counted = Ingestion.objects.values("provider").annotate(count=Count("pk")).filter(count__gt=1)
        if duplicates := list(counted.values_list("provider", flat=True)):
            return Response({"healthy": False, "duplicateIngestions": duplicates})
        return Response({"healthy": True})


class CleanupView(_View):
    """``POST /incremental/cleanup``."""

    def post(self, request: Request) -> Response:
        """Forget all ingestions, and let all providers rest for a day."""
        deleted = [control.purge(provider) for provider in control.provider_names()]
        return Response(
            {
                "ingestionsDeleted": sum(one.ingestions for one in deleted),
                "ingestionMarksDeleted": sum(one.marks for one in deleted),
                "markEntitiesDeleted": sum(one.entities for one in deleted),
            }
        )


class ProviderListView(_View):
    """``GET /incremental/providers``."""

    def get(self, request: Request) -> Response:
        """List the names of the providers."""
        return Response({"success": True, "providers": control.provider_names()})


class _ProviderView(_View):
    """What is about one provider."""

    def handle_exception(self, exc: Exception) -> Response:
        """Answer in the form of these routes if there is no such provider."""
        if isinstance(exc, control.UnknownProvider):
            known_as = "last_error" if self.request.method == "GET" else "message"
            status: dict[str, Any] = {"status": {}} if self.request.method == "GET" else {}
            return Response({"success": False, **status, known_as: exc.message}, status=404)
        return super().handle_exception(exc)


class ProviderView(_ProviderView):
    """``GET`` and ``DELETE /incremental/providers/<provider>``."""

    def get(self, request: Request, provider: str) -> Response:
        """Say what a provider does, what it will do next and when, and what went wrong last."""
        ingestion = control.ingestion_of(provider)
        if ingestion is None:
            return Response({"success": True, "status": {"current_action": "rest complete, waiting to start"}})
        status = {"current_action": _action(ingestion), "next_action_at": _moment(ingestion.next_action_at)}
        return Response({"success": True, "status": status, "last_error": ingestion.last_error or None})

    def delete(self, request: Request, provider: str) -> Response:
        """Forget its ingestion, and let it rest for a day."""
        deleted = control.purge(provider)
        return Response(
            {
                "provider": provider,
                "ingestionsDeleted": deleted.ingestions,
                "marksDeleted": deleted.marks,
                "markEntitiesDeleted": deleted.entities,
            }
        )


class MarkListView(_ProviderView):
    """``GET`` and ``DELETE /incremental/providers/<provider>/marks``."""

    def get(self, request: Request, provider: str) -> Response:
        """List the steps that have been taken this time."""
        ingestion = control.ingestion_of(provider)
        if ingestion is None:
            return Response({"success": True, "message": "No records yet (provider is restarting)"})
        marks = Mark.objects.filter(ingestion=ingestion).order_by("sequence")
        return Response({"success": True, "records": [_record(mark, ingestion) for mark in marks]})

    def delete(self, request: Request, provider: str) -> Response:
        """Delete those of a reading that has ended."""
        deleted = control.clear_marks(provider)
        return Response(
            {
                "success": True,
                "message": f"Expired marks for provider '{provider}' removed.",
                "deletions": {
                    "markEntitiesDeleted": deleted.entities,
                    "marksDeleted": deleted.marks,
                    "ingestionsDeleted": deleted.ingestions,
                },
            }
        )


class _ActionView(_ProviderView):
    """What sets a provider going, or stops it."""

    act: ClassVar[Callable[[str], bool]]
    done: ClassVar[str]
    #: Said of a provider that hasn't begun yet.
    not_begun: ClassVar[str]

    def post(self, request: Request, provider: str) -> Response:
        """Do it, or say why there is nothing to do."""
        message = f"{provider}: {self.done}" if type(self).act(provider) else self.not_begun
        return Response({"success": True, "message": message})


class ProviderTriggerView(_ActionView):
    """``POST /incremental/providers/<provider>/trigger``: do at once what comes next."""

    act = control.trigger
    done = "Next action triggered."
    not_begun = "Unable to trigger next action (provider is restarting)"


class ProviderStartView(_ActionView):
    """``POST /incremental/providers/<provider>/start``: read the source anew."""

    act = control.start
    done = "Next cycle triggered."
    not_begun = "Provider is already restarting"


class ProviderCancelView(_ActionView):
    """``POST /incremental/providers/<provider>/cancel``: stop for a day."""

    act = control.cancel
    done = "Current ingestion canceled."
    not_begun = "Provider is currently restarting, please wait."


def _action(ingestion: Ingestion) -> str:
    """Return what a provider does in Backstage's words."""
    if ingestion.status == Status.RESTING:
        return "resting"
    return "backing off" if ingestion.errors_in_a_row else "interstitial"


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _record(mark: Mark, ingestion: Ingestion) -> dict[str, Any]:
    return {
        "id": str(mark.pk),
        "ingestion_id": str(ingestion.pk),
        "sequence": mark.sequence,
        "cursor": orjson.loads(mark.cursor),
        "created_at": _moment(mark.made_at),
    }
