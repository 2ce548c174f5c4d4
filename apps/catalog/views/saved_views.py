"""Keeping the list as it is under a name, and forgetting it again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from apps.catalog import routes
from apps.catalog.forms import CatalogQuery
from apps.catalog.operations.saved_views import delete_view, save_view
from apps.catalog.views.stars import user_of
from portal.errors import InputError, NotAllowedError
from portal.http.pages import PageView
from portal.routes.urls import url_for


class SavedViewsView(PageView):
    """Saves (``action=save``) or deletes (``action=delete``) a view of the person who asks."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Change it, and show the list that it keeps. Raises ``InputError``, ``NotAllowedError``, ``NotFoundError``."""
        user = user_of(request)
        if user is None:
            raise NotAllowedError("Only people keep views; this is a program's token.")
        asked = request.POST
        # Nothing but a list of ours, whatever was sent.
        query = CatalogQuery.parse(QueryDict(asked.get("query", ""))).first_page().encode()
        owner, view_id = user.user_entity_ref, _id(asked.get("id", ""))
        match asked.get("action"):
            case "save":
                save_view(
                    owner_ref=owner,
                    name=asked.get("name", ""),
                    query=query,
                    is_shared="shared" in asked,
                    is_default="default" in asked,
                    view_id=view_id,
                )
            case "delete" if view_id is not None:
                delete_view(owner_ref=owner, view_id=view_id)
            case other:
                raise InputError(f"A view is saved, or deleted by its id; '{other}' is neither.")
        return HttpResponseRedirect(f"{url_for(routes.catalog_index) or '/'}?{query or 'view=none'}")


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise InputError(f"'{text}' isn't the id of a view.") from None
