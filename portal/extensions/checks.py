"""What ``manage.py check`` says about the tree: the problems of its resolution, of its routes, and files that are
missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from portal.extensions import problems
from portal.extensions.base import Extension
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
        *missing_media(tree),
        *get_routes().problems,
        *declared_flags()[1],
        *read_overrides(stated("plugin_overrides"))[1],
    ]


def missing_templates(tree: Tree) -> Iterator[CheckMessage]:
    """Yield a problem for each active extension whose template isn't there."""
    for node in tree.active():
        for template_name in templates_of(node.extension):
            try:
                get_template(template_name)
            except TemplateDoesNotExist:
                yield problems.missing_template(node.id, node.spec.origin, template_name)


def templates_of(extension: Extension) -> list[str]:
    """Return the names of an extension's template, of its dialog's, and of those of its views and their fragments."""
    found: list[str | None] = []
    for holder in (extension, getattr(extension, "view", None), *getattr(extension, "sub_views", {}).values()):
        found += [getattr(holder, name, None) for name in ("template_name", "dialog_template_name")]
        found += getattr(holder, "fragments", {}).values()
    return [name for name in dict.fromkeys(found) if name]


def missing_media(tree: Tree) -> Iterator[CheckMessage]:
    """Yield a problem for each stylesheet and script of an active extension that isn't there."""
    for node in tree.active():
        for path in (*node.extension.media.css, *node.extension.media.js):
            if finders.find(path) is None:
                yield problems.missing_media(node.id, node.spec.origin, path)


def missing_icons(tree: Tree) -> Iterator[CheckMessage]:
    """Yield a problem for each active extension that names an icon which isn't there; another one is drawn for it."""
    for node in tree.active():
        name = getattr(node.extension, "icon", None)
        if name and not is_known(name):
            yield problems.missing_icon(node.id, node.spec.origin, name)
