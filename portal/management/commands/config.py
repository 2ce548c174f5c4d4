"""``manage.py config``: what the layers of ``app-config.yaml`` come to."""

from __future__ import annotations

from typing import Any

import orjson
import ryaml
from django.core.management.base import BaseCommand, CommandParser

from portal.config import all_sections, current, frontend_tree


class Command(BaseCommand):
    """Prints the configuration, secrets blotted out."""

    help = "Prints the configuration as the portal has it: all layers merged, variables filled in, secrets as ***."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--frontend", action="store_true", help="only what every visitor may see")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print."""
        config = current()
        tree = frontend_tree(config.get(), all_sections()) if options["frontend"] else config.redacted()
        if options["json"]:
            self.stdout.write(orjson.dumps(tree, option=orjson.OPT_INDENT_2).decode())
        else:
            self.stdout.write(str(ryaml.dumps(tree)).rstrip("\n"))
