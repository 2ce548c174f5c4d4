"""The process's tree: built from what is installed on first use, and again after settings or configuration change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from django.core.signals import setting_changed

from portal.config import on_change, on_trial
from portal.extensions.apis import ApiRef
from portal.extensions.conf import stated
from portal.extensions.discovery import faulty_rooms, installed_extensions
from portal.extensions.packages import read_packages
from portal.extensions.resolution import resolve
from portal.extensions.tree import Tree
from portal.services import logger

T = TypeVar("T")
Answer = TypeVar("Answer")

_lock = threading.RLock()
_tree: Tree | None = None


def get_tree() -> Tree:
    """Return the tree of the running portal. What is derived from it may be kept for as long as this is the same
    object.
    """
    global _tree  # noqa: PLW0603 (the one place that holds it)
    if on_trial():
        return _build()
    tree = _tree
    if tree is None:
        with _lock:
            tree = _tree
            if tree is None:
                tree = _tree = _build()
    return tree


def _build() -> Tree:
    installed = installed_extensions()
    packages, faults = read_packages(stated("packages"), installed)
    admitted = [spec for spec in installed if packages.admits(spec)]
    excluded = {spec.id for spec in installed} - {spec.id for spec in admitted}
    tree = resolve(admitted, stated("extensions"), excluded=excluded)
    return replace(tree, problems=(*faults, *faulty_rooms(), *tree.problems))


def reset_tree() -> None:
    """Forget the tree; the next use builds it anew."""
    global _tree  # noqa: PLW0603 (the one place that holds it)
    with _lock:
        _tree = None


def get_api(ref: ApiRef[T]) -> T:
    """Return a utility API. Raises ``LookupError`` if no active extension provides it."""
    node = get_tree().apis.get(ref.id)
    if node is None:
        raise LookupError(f"no active extension provides the utility API '{ref.id}'")
    api: T = getattr(node.extension, "api")  # noqa: B009 (the node says Extension, the table holds only Api)
    return api


def ask_api(ref: ApiRef[T], question: Callable[[T], Answer], otherwise: Answer) -> Answer:
    """Return what a utility API answers: ``ask_api(icons_api, lambda api: api.resolve(name), name)``.

    It is ``otherwise`` where no active extension provides the API, and where what provides it raises, which is logged:
    for what every page asks for.
    """
    node = get_tree().apis.get(ref.id)
    if node is None:
        return otherwise
    # Whoever replaces the API may raise anything, and there would be no page at all.
    try:
        return question(get_api(ref))
    except Exception as error:  # noqa: BLE001
        logger.for_plugin(node.plugin_id).error("A utility API failed", api=ref.id, extension=node.id, exc_info=error)
        return otherwise


def _setting_changed(*, setting: str, **kwargs: object) -> None:
    if setting in {"INSTALLED_APPS", "PORTAL_SERVICES"}:
        reset_tree()


setting_changed.connect(_setting_changed)
on_change(reset_tree)
