"""What ``manage.py check`` says about the tree: the problems of its resolution, of its routes, and missing
templates.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from portal.extensions import problems
from portal.extensions.conf import stated
from portal.extensions.discovery import declared_flags
from portal.extensions.icons import is_known
from portal.extensions.plugin_info import read_overrides
from portal.extensions.registry import get_tree
from portal.extensions.tree import Tree
from portal.extensions.trunk import missing_trunk
from portal.routes.urls import get_routes


def check_extensions() -> list[CheckMessage]:
    """Return everything that is wrong with the extension tree and its routes. ``portal.checks`` registers it."""
    tree = get_tree()
    return [
        *missing_trunk(tree),
        *tree.problems,
        *missing_templates(tree),
        *missing_icons(tree),
        *get_routes().problems,
        *declared_flags()[1],
        *read_overrides(stated("plugin_overrides"))[1],
    ]


def missing_templates(tree: Tree) -> Iterator[CheckMessage]:
    """Yield a problem for each active extension whose template isn't there."""
    for node in tree.active():
        template_name = node.extension.template_name
        if template_name is None:
            continue
        try:
            get_template(template_name)
        except TemplateDoesNotExist:
            yield problems.missing_template(node.id, node.spec.origin, template_name)


def missing_icons(tree: Tree) -> Iterator[CheckMessage]:
    """Yield a problem for each active extension that names an icon which isn't there; another one is drawn for it."""
    for node in tree.active():
        name = getattr(node.extension, "icon", None)
        if name and not is_known(name):
            yield problems.missing_icon(node.id, node.spec.origin, name)
