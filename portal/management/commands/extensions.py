"""``manage.py extensions``: the extension tree on a terminal."""

from __future__ import annotations

from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from portal.extensions import get_tree
from portal.extensions.description import as_json, as_text
from portal.routes.mounting import get_routes


class Command(BaseCommand):
    """Print the tree: who attached what where, and what isn't active and why."""

    help = "Prints the extension tree: who attached what where, and what isn't active and why."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--disabled", action="store_true", help="only what isn't active")
        parser.add_argument("--json", action="store_true", help="as JSON, with config, schema and inputs of each")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print."""
        tree = get_tree()
        if options["json"]:
            shown = as_json(tree)
            if options["disabled"]:
                shown["extensions"] = [entry for entry in shown["extensions"] if entry["state"] != "active"]
            self.stdout.write(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode())
            return
        text = as_text(tree, inactive_only=options["disabled"])
        self.stdout.write(text or "Every extension is active.")
        for problem in (*tree.problems, *get_routes().problems):
            style = self.style.ERROR if problem.is_serious() else self.style.WARNING
            self.stderr.write(style(f"{problem.id}: {problem.msg}"))
            if problem.hint:
                self.stderr.write(f"  {problem.hint}")
