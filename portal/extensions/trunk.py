"""What every page hangs from."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage

from portal.extensions import problems
from portal.extensions.tree import Tree

#: From the root on. Without one of them there is no page at all.
TRUNK = ("root", "app", "app/root", "app/layout", "app/routes")


def missing_trunk(tree: Tree) -> Iterator[CheckMessage]:
    """Yield a problem for the first of them that isn't active."""
    for extension_id in TRUNK:
        node = tree.nodes.get(extension_id)
        if node is None or not node.is_active:
            yield problems.app_is_off(extension_id, node.reason if node is not None else "it isn't installed")
            return
