"""Everything that is wrong with the interface: what ``manage.py check`` and ``doctor`` find, for the visualizer."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from django.core.checks import CheckMessage

from portal.extensions import get_tree
from portal.extensions.checks import check_extensions
from portal.extensions.tree import Tree
from portal.shell.checks import check_slots

# Looking for templates takes a while, and what is found holds for as long as the tree does.
_found: WeakKeyDictionary[Tree, list[CheckMessage]] = WeakKeyDictionary()


def app_problems() -> list[CheckMessage]:
    """Return what is wrong, each with the extension that it is about as ``obj``. None of it keeps a page away."""
    tree = get_tree()
    found = _found.get(tree)
    if found is None:
        found = _found[tree] = [*check_extensions(), *check_slots()]
    return found
