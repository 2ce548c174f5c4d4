"""Checks before work begins: what is wrong with the interface alone is told, and keeps nobody from working."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.core.management.base import BaseCommand, SystemCheckError

#: The tag of the checks of the extension tree: what they find is left out of the pages, which show the rest.
INTERFACE = "extensions"


class TolerantCommand(BaseCommand):
    """A command that goes on without the faulty parts of the interface."""

    def check(self, *args: Any, **options: Any) -> None:
        """Print what the checks find, and stop for it unless all of it is the interface's."""
        try:
            super().check(*args, **options)
        except SystemCheckError as error:
            tolerated = checks.run_checks(tags=[INTERFACE])
            serious = [one for one in checks.run_checks() if one.is_serious() and not one.is_silenced()]
            if any(one not in tolerated for one in serious):
                raise
            self.stderr.write(str(error))
            self.stderr.write(self.style.WARNING("The portal starts without these parts of the interface.\n"))
