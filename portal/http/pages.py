"""The base of page views: a template around the slots of a page extension, whole or in fragments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.views.generic import View

from portal.credentials import Credentials, credentials_of
from portal.errors import InputError
from portal.extensions import Node, PageContext
from portal.extensions.conditions import is_enabled
from portal.extensions.language import translated
from portal.services.http_auth.base import AuthPolicy


class PageView(View):
    """The view of a page or sub-page extension; ``page`` is its node in the tree.

    Subclasses state a template and override ``context``, whose keywords are the parameters of the path. With htmx, the
    answer is the fragment for the element that asked, if ``fragments`` has one; without, it is the whole page.
    """

    auth_policy: ClassVar[AuthPolicy] = "user-or-service"

    #: The extension that this view is mounted for.
    page: Node = cast(Node, None)
    #: Extends ``page.html``. The extension's own, if the view has none.
    template_name: str = ""
    #: The template that htmx gets, by the id of the element it is to fill: ``{"results": "catalog/_results.html"}``.
    fragments: ClassVar[Mapping[str, str]] = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, unless the extension isn't there for the person who asks."""
        if not is_enabled(self.page, request):
            raise Http404(f"The page '{self.page.id}' isn't available to you.")
        if any("\0" in value for _, values in request.POST.lists() for value in values):
            # PostgreSQL can't keep one.
            raise InputError("The form holds a NUL character; remove it.")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Answer with the page. ``parameters`` are those of its path."""
        return self.render(self.context(**parameters))

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return what the template needs. Raise ``NotFoundError`` for what isn't there."""
        return {}

    def title(self, values: Mapping[str, Any]) -> str:
        """Return the document's title, without the portal's; ``values`` are the context."""
        extension = self.page.extension
        return translated(getattr(extension, "nav_title", "") or getattr(extension, "title", ""))

    def loaded(self, values: Mapping[str, Any]) -> Iterable[Node]:
        """Return the extensions whose stylesheets and scripts the page loads: its own, and all that are below it.

        ``values`` are the context. For pages that show but a part of what is attached to them.
        """
        return self.page.walk()

    @property
    def credentials(self) -> Credentials:
        """Who is asking."""
        return credentials_of(self.request)

    def page_context(self, **values: Any) -> PageContext:
        """Return what extensions are told about this page; ``values`` are the keywords of a slot."""
        return PageContext(self.request, self.page, values)

    def render(self, values: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
        """Return the response: the whole page, or the fragment that htmx asks for."""
        context = {
            "page_title": self.title(values),
            **values,
            "page": self.page_context(),
            "extension": self.page,
            "loaded": self.loaded(values),
        }
        response = HttpResponse(render_to_string(self._template(), context, self.request), status=status)
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    def _template(self) -> str:
        headers = self.request.headers
        # When htmx restores a page from history, and when it boosts a link, it replaces the whole body.
        whole = "HX-History-Restore-Request" in headers or "HX-Boosted" in headers
        if headers.get("HX-Request") == "true" and not whole:
            fragment = self.fragments.get(headers.get("HX-Target", ""))
            if fragment is not None:
                return fragment
        template_name = self.template_name or self.page.extension.template_name
        if not template_name:
            raise LookupError(f"neither {type(self).__name__} nor its page '{self.page.id}' has a template_name")
        return template_name
