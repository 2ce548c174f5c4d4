"""The definition of an API by itself: its text to download, and a frame to try it in."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.safestring import SafeString, mark_safe

from apps.api_docs.definitions import MAX_DRAWN, guessed_language, load_document, server_origins
from apps.api_docs.queries import api_by_name
from apps.api_docs.views.types import widget_for
from portal.errors import NotFoundError
from portal.extensions import ApiDefinition
from portal.http.pages import PageView

#: File name extensions by the language that Pygments knows.
_EXTENSIONS = {"graphql": "graphql", "json": "json", "protobuf": "proto", "xml": "xml", "yaml": "yaml"}
#: Swagger UI, as drf-spectacular-sidecar ships it.
STYLES = "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css"
SCRIPT = "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
#: What the frame may do: run its script, open links in new windows, save answers. Above all it is of no origin, so
#: that nothing in it can act for the person who looks at it.
SANDBOX = "allow-scripts allow-forms allow-downloads allow-popups allow-popups-to-escape-sandbox"
#: What would end the element that JSON stands in, or begin another one.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


class DefinitionTextView(PageView):
    """Gives the text of a definition as a file. Nothing in it is ever run."""

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Answer with the whole text. Raises ``NotFoundError``."""
        definition = _definition(self, parameters)
        name = f"{parameters['name']}.{_EXTENSIONS.get(language_of(definition), 'txt')}"
        response = HttpResponse(definition.text, content_type="text/plain; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


class InteractiveView(PageView):
    """A document of its own with Swagger UI, for a sandboxed frame."""

    template_name = "api_docs/pages/interactive.html"

    def get(self, request: HttpRequest, **parameters: Any) -> HttpResponse:
        """Answer with the document and a policy of its own. Raises ``NotFoundError``, ``InputError``."""
        definition = _definition(self, parameters)
        widget = widget_for(definition.type)
        options = getattr(widget.extension, "try_it_out", None) if widget is not None else None
        if options is None or len(definition.text) > MAX_DRAWN:
            raise NotFoundError("This API can't be tried here. Its definition tells how to use it.")
        methods, origins = options()
        value = {"spec": load_document(definition.text), "methods": methods}
        response = self.render(
            {"options": _json(value), "name": parameters["name"], "styles": static(STYLES), "script": static(SCRIPT)}
        )
        if methods and not origins:
            origins = server_origins(definition.text)
        response.headers["Content-Security-Policy"] = frame_policy(origins if methods else [])
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response


def frame_policy(origins: list[str]) -> str:
    """Return the Content-Security-Policy of the frame: its own scripts and styles, requests to these origins only.

    Swagger UI writes styles into elements, which its own origin-less frame may do and no page of the portal may.
    """
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self' data:",
        "connect-src": " ".join(origins) or "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": SANDBOX,
    }
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def definition_of(entity: dict[str, Any]) -> ApiDefinition:
    """Return the definition of an API; its text is empty for types that have none, such as ``mcp-server``."""
    spec = entity.get("spec") or {}
    text, type_ = spec.get("definition"), spec.get("type")
    return ApiDefinition(entity, type_ if isinstance(type_, str) else "", text if isinstance(text, str) else "")


def language_of(definition: ApiDefinition) -> str:
    """Return what a definition is written in, by the name that Pygments has for it; empty if it isn't known."""
    widget = widget_for(definition.type)
    named = str(getattr(widget.extension, "language", "")) if widget is not None else ""
    # What is written in YAML may as well be written in JSON.
    return guessed_language(definition.text) or named if named in {"", "yaml"} else named


def _definition(view: PageView, parameters: dict[str, Any]) -> ApiDefinition:
    return definition_of(api_by_name(parameters["namespace"], parameters["name"], credentials=view.credentials))


def _json(value: Any) -> SafeString:
    return mark_safe(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode().translate(_ESCAPES))
