"""HTML that says nothing but what it is drawn from: drawn once, and found again for whoever sees the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import ParamSpec

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from portal.extensions.registry import get_tree
from portal.extensions.tree import Tree

P = ParamSpec("P")

#: How many drawings of one kind are kept, those that were used last.
MOST_KEPT = 1000


def drawn_once(draw: Callable[P, SafeString]) -> Callable[P, SafeString]:
    """Keep what a function draws, by its arguments, the reader's language, and the tree that says where links lead.

    For what requests have in common, such as rows of a list: finding one takes a hundredth of drawing it. Nothing
    grows stale, since other arguments are another drawing. They must be hashable, and texts inside of them plain ones.
    """

    def draw_for(tree: Tree, language: str | None, *args: P.args, **kwargs: P.kwargs) -> SafeString:
        return draw(*args, **kwargs)

    # Typed: a text that is safe as it stands equals one that isn't, and 1 equals True.
    kept: Callable[..., SafeString] = lru_cache(maxsize=MOST_KEPT, typed=True)(draw_for)

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> SafeString:
        return kept(get_tree(), get_language(), *args, **kwargs)

    return drawn


@drawn_once
def render_once(template_name: str, **values: Hashable) -> SafeString:
    """Return a template rendered with these values and without a request, likewise."""
    return render_to_string(template_name, values)
