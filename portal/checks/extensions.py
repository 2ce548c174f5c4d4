"""The extension tree's checks, which need every room that it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, register

from portal.extensions import get_tree
from portal.extensions.checks import check_extensions
from portal.shell.checks import check_slots


@register("extensions")
def check_tree(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with the tree (``portal.E2xx``). Rooms that can't be imported are told by another check."""
    problems = [problem for problem in (*check_extensions(), *check_slots()) if problem.id != "portal.E108"]
    if app_configs is None:
        return problems
    origins = {config.name for config in app_configs}
    nodes = get_tree().nodes
    return [problem for problem in problems if problem.obj in nodes and nodes[problem.obj].spec.origin in origins]
