"""What every page hangs from."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage

from portal.extensions import problems
from portal.extensions.tree import TRUNK, State, Tree


def missing_trunk(tree: Tree) -> Iterator[CheckMessage]:
    """Yield a problem if one of them isn't active, for the one that the others are off for."""
    if tree.get(TRUNK[-1]) is not None:
        return
    for extension_id in reversed(TRUNK):
        node = tree.nodes.get(extension_id)
        if node is None or node.state in {State.DISABLED, State.FAULTY}:
            yield problems.app_is_off(extension_id, node.reason if node is not None else "it isn't installed")
            return
