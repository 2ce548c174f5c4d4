"""The definition of an API on its entity's page: a tab with all of it, and a card with its beginning."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.api_docs import routes
from apps.api_docs.definitions import MAX_DRAWN, source_of
from apps.api_docs.definitions.documents import is_readable, rewritten
from apps.api_docs.views.definitions import SANDBOX, definition_of, language_of
from apps.api_docs.views.types import type_title, widget_for
from portal.entities import Entity, ref_of
from portal.errors import InputError
from portal.extensions import (
    ApiDefinition,
    ApiDefinitionWidget,
    EntityCard,
    EntityContent,
    Media,
    Node,
    PageContext,
    get_tree,
)
from portal.routes.urls import url_for
from portal.services import logger

_MEDIA = Media(css=["api_docs/api-docs.css"])
#: Characters of a text on the card.
ON_CARD = 2_000


class ApiDefinitionContent(EntityContent):
    """The definition of an API, in full: drawn, to be tried, and as it is written."""

    name = "definition"
    path = "/definition"
    title = gettext_noop("Definition")
    group = "documentation"
    icon = "file-code"
    filter = {"kind": "api"}
    template_name = "api_docs/contents/definition.html"
    media = _MEDIA + Media(js=["api_docs/definition.js"])

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the part that ``?view=`` asks for: ``reference`` if there is a widget, ``try``, or ``source``."""
        definition = definition_of(page.entity)
        widget = widget_for(definition.type)
        frame_url = _interactive_url(widget, definition, page)
        views = [
            ("reference", _("Reference"), widget is not None),
            ("try", _("Swagger UI"), frame_url is not None),
            ("source", _("Source"), bool(definition.text)),
        ]
        offered = [(name, label) for name, label, is_there in views if is_there]
        asked = page.request.GET.get("view", "")
        view = asked if asked in dict(offered) else next(iter(dict(offered)), "reference")
        html, problem = _drawn(widget, definition, page) if view == "reference" else (None, "")
        shows_text = view == "source" or (html is None and view == "reference")
        return {
            "definition": definition,
            "widget": widget,
            "type": type_title(definition.type),
            "views": offered,
            "view": view,
            "html": html,
            "problem": problem,
            "frame_url": frame_url,
            "sandbox": SANDBOX,
            "text_url": _text_url(definition.entity),
            "url": page.request.path,
            **(_text(definition, page.request.GET.get("as", "")) if shows_text else {}),
        }


class ApiDefinitionCard(EntityCard):
    """The beginning of the definition of an API, and the way to the rest."""

    name = "definition"
    title = gettext_noop("Definition")
    filter = {"kind": "api"}
    template_name = "api_docs/cards/definition.html"
    media = _MEDIA

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return what the widget says in a few lines, else the first lines of the text."""
        definition = definition_of(page.entity)
        widget = widget_for(definition.type)
        html, problem = _drawn(widget, definition, page, compact=True)
        text = definition.text[:ON_CARD]
        return {
            "title": _(self.title),
            "definition": definition,
            "type": type_title(definition.type),
            "widget": widget,
            "html": html,
            "problem": problem,
            "source": source_of(text, language_of(definition)) if html is None and text else None,
            "url": definition_url(page.entity),
        }


def definition_url(entity: Entity) -> str:
    """Return where the tab is, wherever configuration has put it; empty if it isn't there."""
    node, ref = get_tree().get("entity-content:api-docs/definition"), ref_of(entity)
    if node is None or not isinstance(node.extension, EntityContent):
        return ""
    parts = {"namespace": ref.namespace.lower(), "kind": ref.kind.lower(), "name": ref.name}
    return node.extension.route_path.build(parts)


def _drawn(
    widget: Node | None, definition: ApiDefinition, page: PageContext, *, compact: bool = False
) -> tuple[SafeString | None, str]:
    """Return what the widget draws, or None and what kept it from drawing; that may be nothing to speak of."""
    if widget is None:
        return None, ""
    if len(definition.text) > MAX_DRAWN:
        return None, _("It is too long to be drawn: %(count)s characters, where %(most)s can be.") % {
            "count": f"{len(definition.text):,}",
            "most": f"{MAX_DRAWN:,}",
        }
    values = {"definition": definition, "compact": compact, "url": definition_url(page.entity)}
    # Whatever a plugin's widget raises, people are to see the text.
    try:
        return widget.extension.render(page.extended(values)), ""
    except InputError as error:
        return None, error.message
    except Exception as error:
        log = logger.for_plugin(widget.plugin_id)
        log.error("Widget failed", extension=widget.id, ref=str(ref_of(definition.entity)), exc_info=error)
        return None, _("Its viewer %(id)s failed; the portal's log has the details.") % {"id": widget.id}


def _interactive_url(widget: Node | None, definition: ApiDefinition, page: PageContext) -> str | None:
    if widget is None or not isinstance(widget.extension, ApiDefinitionWidget) or not definition.text:
        return None
    return widget.extension.interactive_url(definition, page) if len(definition.text) <= MAX_DRAWN else None


def _text_url(entity: Entity) -> str | None:
    ref = ref_of(entity)
    return url_for(routes.definition, namespace=ref.namespace, name=ref.name)


def _text(definition: ApiDefinition, form: str) -> dict[str, Any]:
    """Return the text as it is written, or as the other of JSON and YAML; ``form`` is what the address asks for."""
    written = language_of(definition)
    other = {"yaml": "json", "json": "yaml"}.get(written, "") if is_readable(definition.text) else ""
    text, language = definition.text, written
    if other and form == other:
        text, language = rewritten(definition.text, other), other
    return {
        "source": source_of(text, language),
        "written": written,
        "other": other,
        "shown_as": language,
    }
