"""What ``manage.py check`` says about templates: slots of inputs that the extension doesn't have."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage
from django.template import TemplateDoesNotExist
from django.template.base import FilterExpression, Template
from django.template.library import SimpleNode
from django.template.loader import get_template

from portal.extensions import Node, get_tree, problems
from portal.extensions.checks import templates_of
from portal.extensions.tree import Tree
from portal.templatetags.portal import slot


def check_slots() -> list[CheckMessage]:
    """Find slots in the templates of active extensions whose input isn't there, where its name is written out.

    ``portal.checks`` registers it.
    """
    tree = get_tree()
    return [problem for node in tree.active() for problem in _unknown_slots(tree, node)]


def _unknown_slots(tree: Tree, node: Node) -> Iterator[CheckMessage]:
    for template_name in templates_of(node.extension):
        for tag in _slots_in(template_name):
            input_name, of = _literal(tag.args[0] if tag.args else None), _literal(tag.kwargs.get("of"))
            if "of" in tag.kwargs and of is None:
                continue
            owner = tree.nodes.get(of) if of is not None else node
            # A slot of an extension that isn't installed renders nothing, which is what it is for.
            if input_name is not None and owner is not None and input_name not in owner.spec.extension.inputs:
                yield problems.unknown_slot(template_name, input_name, owner.id, owner.spec.extension.inputs)


def _slots_in(template_name: str) -> Iterator[SimpleNode]:
    try:
        template = getattr(get_template(template_name), "template", None)
    except TemplateDoesNotExist:
        return
    if isinstance(template, Template):
        for tag in template.nodelist.get_nodes_by_type(SimpleNode):
            if isinstance(tag, SimpleNode) and tag.func is slot:
                yield tag


def _literal(expression: FilterExpression | None) -> str | None:
    """Return the text of an expression that is one, written out in the template."""
    if expression is None or expression.filters or not isinstance(expression.var, str):
        return None
    return str(expression.var)
