"""Template tags of the portal: ``{% load portal %}``.

``{% slot %}`` and ``{% extension %}`` render extensions, ``{% wrap %}`` puts them around something, ``{% route %}``
links to pages of whichever plugin has them, ``{% icon %}`` draws an icon, ``{% extension_media %}`` loads stylesheets
and scripts, ``{% chips %}`` puts words in a row, ``{% drawn %}`` includes what is the same for many requests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import template
from django.http import HttpRequest
from django.template import Context, Node, NodeList
from django.template.base import FilterExpression, Parser, Token
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.extensions import Media, PageContext, get_tree, guarded, render_extension, render_slot
from portal.extensions import Node as ExtensionNode
from portal.extensions.components import component_template
from portal.extensions.drawing import render_once
from portal.extensions.icons import render_icon
from portal.extensions.rendering import render_wrapped
from portal.routes.nav import TabItem, tabs_of
from portal.routes.urls import link_for

register = template.Library()

#: Kinds of extensions that are on every page, and that are on every page of their plugin.
SHELL_KINDS = frozenset({"announcement", "app-root-element", "app-root-wrapper", "nav-content", "user-menu-item"})
PLUGIN_KINDS = frozenset({"plugin-header-action", "plugin-wrapper"})
#: How many characters stand in a row of chips, and for how many the padding of one counts.
CHIPS_WIDTH, CHIP_PADDING = 26, 3


@register.simple_tag(takes_context=True)
def slot(
    context: Context, input_name: str, *, of: str | None = None, tag: str = "div", css: str = "", **values: Any
) -> SafeString:
    """Render what is attached to an input: ``{% slot "cards" entity=entity %}``.

    The input is one of the extension whose template this is, or of the one that ``of`` names. Each child stands in an
    element ``tag`` with the classes ``css`` and ``data-extension``. Other keywords are passed on to the children.
    """
    node = _owner(context, input_name, of)
    if node is None:
        return SafeString("")
    return render_slot(node, input_name, _page(context).extended(values), tag=tag, css=css)


@register.simple_tag(takes_context=True)
def extension(context: Context, node: ExtensionNode, *, tag: str = "div", css: str = "", **values: Any) -> SafeString:
    """Render one extension: ``{% extension card entity=entity %}``, for parents that arrange their children
    themselves.
    """
    return render_extension(node, _page(context).extended(values), tag=tag, css=css)


@register.simple_tag(takes_context=True)
def component(context: Context, name: str, **values: Any) -> SafeString:
    """Draw a part that a module of the core may draw another way: ``{% component "core-progress" label=text %}``."""
    return render_to_string(
        component_template(name), cast(dict[str, Any], context.flatten()) | values, _page(context).request
    )


@register.simple_tag
def drawn(template_name: str, **values: Any) -> SafeString:
    """Include a template that needs nothing but these hashable values: ``{% drawn "acme/_stops.html" stops=stops %}``.

    It is drawn once for the same values.
    """
    return render_once(template_name, **values)


@register.simple_tag(takes_context=True)
def header_actions(context: Context) -> SafeString:
    """Render what the plugin of this page has beside the titles of its pages."""
    page = _page(context)
    node = get_tree().get("api:app/plugin-header-actions")
    return SafeString("") if node is None or page.node is None else render_slot(node, "actions", page)


@register.tag
def wrap(parser: Parser, token: Token) -> Node:
    """Put what is attached to an input around a part: ``{% wrap "wrappers" of="app/root" %}…{% endwrap %}``."""
    bits = token.split_contents()[1:]
    if len(bits) != 2 or not bits[1].startswith("of="):
        raise template.TemplateSyntaxError('{% wrap %} is written {% wrap "<input>" of="<extension id>" %}')
    input_name, of = parser.compile_filter(bits[0]), parser.compile_filter(bits[1].removeprefix("of="))
    content = parser.parse(("endwrap",))
    parser.delete_first_token()
    return _WrapNode(input_name, of, content)


class _WrapNode(Node):
    child_nodelists = ("content",)

    def __init__(self, input_name: FilterExpression, of: FilterExpression, content: NodeList) -> None:
        self.input_name = input_name
        self.of = of
        self.content = content

    def render(self, context: Context) -> SafeString:
        """Render the content, then the wrappers around it, the first outermost."""
        content = self.content.render(context)
        input_name = self.input_name.resolve(context)
        node = _owner(context, input_name, self.of.resolve(context))
        return content if node is None else render_wrapped(node, input_name, _page(context), content)


@register.simple_tag(takes_context=True)
def route(context: Context, ref_id: str, **parameters: Any) -> str:
    """Return the URL of a page by its route's id: ``{% route "catalog.catalogEntity" kind=… namespace=… name=… as url
    %}``.

    Empty if the page's plugin isn't installed, the page isn't there for the person who asks, the route is bound to
    nothing, or a parameter is empty.
    """
    if any(value is None or value == "" for value in parameters.values()):
        return ""
    return link_for(_page(context).request, ref_id, **parameters) or ""


@register.simple_tag(takes_context=True)
def page_tabs(context: Context) -> list[TabItem]:
    """Return the tabs of a page that consists of sub-pages: ``{% page_tabs as tabs %}``. Empty for other pages."""
    return tabs_of(_page(context))


@register.simple_tag
def icon(name: str, *, size: int = 20, css: str = "", label: str = "") -> SafeString:
    """Draw an icon by its lucide name. It is decoration, hidden from assistive technology, unless it has a
    ``label``.
    """
    return render_icon(name, size=size, css=css, label=label)


@register.simple_tag
def chips(words: Sequence[str]) -> SafeString:
    """Put words in one row of chips: ``{% chips tags %}``. Those that have no room are counted, and told by a title."""
    room = CHIPS_WIDTH
    shown = 0
    for word in words:
        room -= len(word) + CHIP_PADDING
        # Unless it is the last, the count of the others needs room behind it.
        if shown and room < (CHIP_PADDING if shown < len(words) - 1 else 0):
            break
        shown += 1
    parts = format_html_join("", '<span class="chip">{}</span>', ((word,) for word in words[:shown]))
    if rest := words[shown:]:
        parts += format_html('<span class="chip" title="{}">+{}</span>', ", ".join(rest), len(rest))
    return format_html('<span class="chips">{}</span>', parts)


@register.simple_tag(takes_context=True)
def extension_media(context: Context) -> SafeString:
    """Load what the extensions of this page, of the shell and of the chosen theme bring along; belongs into
    the head.
    """
    tree = get_tree()
    page = _page(context)
    shell = [node for node in tree.active() if node.kind in SHELL_KINDS or _is_beside(node, page)]
    chosen = getattr(context.get("shell"), "theme", None)
    themes = [node for node in tree.children("api:app/app-theme", "themes") if node.spec.extension.name == chosen]
    of_page: list[ExtensionNode] = []
    if page.node is not None:
        loaded = context.get("loaded")
        of_page = [*_ancestors(page.node), *(page.node.walk() if loaded is None else loaded)]
    media = Media()
    for node in (*shell, *themes, *of_page):
        media += node.extension.media
    return media.render()


def _owner(context: Context, input_name: str, of: str | None) -> ExtensionNode | None:
    """Return the extension whose input is meant; None if it is named and isn't active."""
    if of is not None:
        return get_tree().get(of)
    node = context.get("extension")
    if not isinstance(node, ExtensionNode):
        raise LookupError(
            f'slot "{input_name}": this template isn\'t rendered by an extension, so say whose input it is:  of="<id>"'
        )
    return node


def _page(context: Context) -> PageContext:
    """Return the page that is being rendered; an error page is nobody's."""
    page = context.get("page")
    if isinstance(page, PageContext):
        return page
    request = context.get("request")
    return PageContext(request if isinstance(request, HttpRequest) else HttpRequest())


def _is_beside(node: ExtensionNode, page: PageContext) -> bool:
    """Say whether an extension is on every page of its plugin, or on others as well, and this is one."""
    return node.kind in PLUGIN_KINDS and guarded(node, page, lambda: node.extension.is_visible(page), otherwise=False)


def _ancestors(node: ExtensionNode) -> list[ExtensionNode]:
    found = []
    above = node.parent
    while above is not None:
        found.append(above)
        above = above.parent
    return found
