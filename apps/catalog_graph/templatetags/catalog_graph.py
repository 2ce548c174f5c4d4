"""The shapes of a picture as SVG, and the same in words.

One page has a thousand of them, and a template for each takes ten times as long. Texts are escaped one by one here.
"""

from __future__ import annotations

from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.catalog_graph.queries import NodeState
from apps.catalog_graph.views.picture import LABEL_LINE, Picture, PictureEdge, PictureNode

register = template.Library()


@register.simple_tag
def graph_edges(picture: Picture) -> SafeString:
    """Draw the edges, each with an arrow at its end and its labels."""
    return SafeString("\n".join(map(_edge, picture.edges)))


@register.simple_tag
def graph_nodes(picture: Picture) -> SafeString:
    """Draw the nodes, each a link, and a second one beside it if the first doesn't lead to the entity."""
    return SafeString("\n".join(map(_NodePen().draw, picture.nodes)))


@register.simple_tag
def graph_words(picture: Picture) -> SafeString:
    """List the edges by the node that they lead away from."""
    return SafeString(
        "\n".join(
            f"<li>{_name(source)}\n<ul>{''.join(map(_sentence, edges))}</ul></li>"
            for source, edges in picture.sentences
        )
    )


def _edge(edge: PictureEdge) -> str:
    x, (first, *others) = f"{edge.label.x:g}", map(escape, edge.lines)
    below = "".join(f'<tspan x="{x}" dy="{LABEL_LINE:g}">{line}</tspan>' for line in others)
    return (
        f'<path class="graph-edge" data-ends="{edge.source.number} {edge.target.number}" d="{edge.path}"/>'
        f'<text x="{x}" y="{edge.label.y:g}">{first}{below}</text>'
    )


class _NodePen:
    """Draws nodes, in the language of the page."""

    def __init__(self) -> None:
        self.root = _("where the graph begins")
        self.missing = _("not in the catalog, or not for you to see")
        self.more = _("%(count)s more around %(ref)s")
        self.open = _("Open %(title)s")

    def draw(self, node: PictureNode) -> str:
        """Return a node with its links."""
        icon = f'<use href="#graph-icon-{escape(node.icon)}" x="12" y="10"/>' if node.icon else ""
        shape = (
            f"<title>{escape(self._hint(node))}</title>"
            f'<rect width="{node.width:g}" height="{node.height:g}" rx="8"/>{icon}'
            f'<text x="{node.text_x:g}" y="18">{escape(node.text)}</text>'
        )
        return (
            f'<g class="graph-node" data-state="{escape(node.state)}" data-kind="{escape(node.kind)}"'
            f' data-number="{node.number}" transform="translate({node.x:g} {node.y:g})">'
            f"{self._link(node, shape) if node.url else shape}{self._opening(node) if node.entity_url else ''}</g>"
        )

    def _link(self, node: PictureNode, shape: str) -> str:
        label, current = f"{node.kind_title} {node.title}".lstrip(), ""
        if node.state == NodeState.ROOT:
            label, current = f"{label}, {self.root}", ' aria-current="true"'
        return f'<a class="graph-link" href="{escape(node.url)}" aria-label="{escape(label)}"{current}>{shape}</a>'

    def _opening(self, node: PictureNode) -> str:
        return (
            f'<a class="graph-open" href="{escape(node.entity_url)}">'
            f"<title>{escape(self.open % {'title': node.title})}</title>"
            f'<rect x="{node.open_x + 2:g}" y="6" width="24" height="24" rx="6"/>'
            f'<path d="M{node.open_x + 11:g},15h6v6m-6,0 6-6"/></a>'
        )

    def _hint(self, node: PictureNode) -> str:
        """Return what is told of a node that is pointed at."""
        match node.state:
            case NodeState.MORE:
                return self.more % {"count": node.count, "ref": node.ref}
            case NodeState.MISSING:
                return f"{node.title} – {node.ref} – {self.missing}"
            case _:
                return f"{node.title} – {node.ref}"


def _sentence(edge: PictureEdge) -> str:
    relations = ", ".join(f'<span class="mono">{escape(relation)}</span>' for relation in edge.relations)
    return f"<li>{relations} {_name(edge.target)}</li>\n"


def _name(node: PictureNode) -> str:
    title = escape(node.title)
    return f'<a href="{escape(node.url)}">{title}</a>' if node.url else title
