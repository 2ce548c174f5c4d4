"""The views of the visualizer: the tree as lists, in detail, as text, and the plugins."""

from __future__ import annotations

from collections import Counter
from typing import Any

from portal.extensions import State, get_tree
from portal.extensions.description import as_text, inputs_of, lines_of
from portal.extensions.plugin_info import plugin_infos
from portal.extensions.tree import Node, Tree
from portal.http.pages import PageView
from portal.shell.problems import app_problems


class _VisualizerView(PageView):
    """What the three have in common: the counts and the problems at the top."""

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return ``summary`` and ``problems``."""
        nodes = get_tree().nodes.values()
        return {
            "summary": [(state, sum(node.state is state for node in nodes)) for state in State],
            "problems": app_problems(),
        }


class TreeView(_VisualizerView):
    """The tree as nested lists that open and close."""

    template_name = "portal/pages/visualizer_tree.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return ``branches``: the root, and what hangs from nothing."""
        tree = get_tree()
        tops = [tree.root, *tree.detached] if tree.root is not None else list(tree.detached)
        return {**super().context(), "branches": [branch_of(node) for node in tops]}


class DetailedView(_VisualizerView):
    """A table of all extensions."""

    template_name = "portal/pages/visualizer_detailed.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return ``rows``, in the order of the tree."""
        return {**super().context(), "rows": _in_tree_order(get_tree())}


class TextView(_VisualizerView):
    """What ``manage.py extensions`` prints."""

    template_name = "portal/pages/visualizer_text.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return ``text``."""
        return {**super().context(), "text": as_text(get_tree())}


class PluginsView(_VisualizerView):
    """The installed plugins, as they and ``app.pluginOverrides`` describe them."""

    template_name = "portal/pages/visualizer_plugins.html"

    def context(self, **parameters: Any) -> dict[str, Any]:
        """Return ``plugins``: each with its info and how many active extensions bear its id."""
        active = Counter(node.owner_id for node in get_tree().active())
        plugins = [{"info": info, "extensions": active[info.plugin_id]} for info in plugin_infos()]
        return {**super().context(), "plugins": plugins}


def branch_of(node: Node) -> dict[str, Any]:
    """Return a node for the template: ``{"node", "inputs": [{"name", "accepts", "children": [branch, …]}]}``."""
    slots = node.spec.extension.inputs
    return {
        "node": node,
        "inputs": [
            {
                "name": name,
                "accepts": slots[name].describe() if name in slots else "not an input of this extension",
                "children": [branch_of(child) for child in node.attachments.get(name, [])],
            }
            for name in inputs_of(node)
        ],
    }


def _in_tree_order(tree: Tree) -> list[Node]:
    return [line.node for line in lines_of(tree) if line.node is not None]
