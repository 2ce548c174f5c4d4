"""Render extensions into slots: in order, escaped, each in an element of its own, and none able to take the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.extensions.components import component_template
from portal.extensions.conditions import is_enabled
from portal.extensions.page import PageContext
from portal.extensions.tree import Node
from portal.services import logger

T = TypeVar("T")

_TAG = re.compile(r"[a-z][a-z0-9]*")


def visible_children(node: Node, input_name: str, page: PageContext) -> list[Node]:
    """Return the children of an input that are there for this request and page, in order.

    For parents that arrange their children themselves. A child that fails to say whether it is visible is logged and
    left out.
    """
    children = node.active.get(input_name, ())
    return [child for child in children if guarded(child, page, partial(_is_visible, child, page), otherwise=False)]


def guarded(node: Node, page: PageContext | None, question: Callable[[], T], otherwise: T) -> T:
    """Return what an extension answers: ``guarded(child, page, lambda: child.extension.href(page), None)``.

    For parents that ask their children for more than HTML. What is raised is logged, and the answer is ``otherwise``.
    """
    # A plugin's hook may raise anything, and neither the page nor its siblings are to suffer.
    try:
        return question()
    except Exception as error:  # noqa: BLE001
        _log(node, page, error)
        return otherwise


def render_slot(node: Node, input_name: str, page: PageContext, *, tag: str = "div", css: str = "") -> SafeString:
    """Return the HTML of an input: each visible child in an element ``<tag data-extension="<id>">``.

    Nothing for an input that isn't there: a check names it, and what a module replaced may lack what it had.
    """
    children = node.active.get(input_name, ())
    return format_html_join("", "{}", ((_render_if_visible(child, page, tag, css),) for child in children))


def render_extension(node: Node, page: PageContext, *, tag: str = "div", css: str = "") -> SafeString:
    """Return the HTML of one extension in its element. If it raises, that is logged and an error card takes its
    place.
    """
    return render_part(node, page, node.extension.render, tag=tag, css=css)


def render_part(
    node: Node, page: PageContext, render: Callable[[PageContext], SafeString], *, tag: str = "div", css: str = ""
) -> SafeString:
    """Return what an extension renders beside itself, such as a dialog; guarded as in ``render_extension``."""
    # Whatever a plugin's code raises must stay in its place on the page.
    try:
        content = render(page)
    except Exception as error:  # noqa: BLE001
        content = _error_card(node, page, error)
    return _wrap(node, content, tag, css)


def _render_if_visible(node: Node, page: PageContext, tag: str, css: str) -> SafeString:
    # As above; an extension that can't say whether it is to be shown isn't shown, only its error is.
    try:
        visible = _is_visible(node, page)
    except Exception as error:  # noqa: BLE001
        return _wrap(node, _error_card(node, page, error), tag, css)
    return render_extension(node, page, tag=tag, css=css) if visible else SafeString("")


def _is_visible(node: Node, page: PageContext) -> bool:
    return is_enabled(node, page.request) and node.extension.is_visible(page)


def _wrap(node: Node, content: str, tag: str, css: str) -> SafeString:
    if not _TAG.fullmatch(tag):
        raise ValueError(f"extension '{node.id}' is to be put into the element {tag!r}, which isn't the name of one")
    css_attribute = format_html(' class="{}"', css) if css else ""
    return format_html('<{0} data-extension="{1}"{2}>{3}</{0}>', tag, node.id, css_attribute, content)


def _error_card(node: Node, page: PageContext, error: Exception) -> SafeString:
    _log(node, page, error)
    values = {"extension": node, "error": f"{type(error).__name__}: {error}" if settings.DEBUG else ""}
    return render_to_string(component_template("core-error-display"), values, page.request)


def _log(node: Node, page: PageContext | None, error: Exception) -> None:
    path = page.request.path if page is not None else ""
    logger.for_plugin(node.plugin_id).error(
        "Extension failed to render", extension=node.id, origin=node.spec.origin, path=path, exc_info=error
    )


def render_wrapped(node: Node, input_name: str, page: PageContext, content: SafeString) -> SafeString:
    """Return ``content`` inside what is attached to an input, the first child outermost.

    A wrapper that raises is logged and left out: what it was to wrap stays.
    """
    for wrapper in reversed(visible_children(node, input_name, page)):
        # As in a slot: a plugin's code must not take what is inside it.
        try:
            wrapped = wrapper.extension.render(page.extended({"content": content}))
        except Exception as error:  # noqa: BLE001
            _log(wrapper, page, error)
        else:
            content = _wrap(wrapper, wrapped, "div", "")
    return content
