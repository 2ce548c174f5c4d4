"""``manage.py doctor``: what is wrong, and what to do about it."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from portal.management.diagnosis import EXAMINATIONS, Finding, findings_of


class Command(BaseCommand):
    """Examines all that the portal depends on. The exit status is 1 if there is a problem; warnings are no problem."""

    help = "Look for what is wrong with configuration, databases, cache, background work and files."
    # The examination of the configuration runs them, and tells them in the same form as everything else.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine, print each finding with its remedy, and sum up."""
        problems = 0
        for title, examine in EXAMINATIONS.items():
            self.stdout.write(self.style.MIGRATE_HEADING(title))
            for finding in findings_of(examine):
                self._print(finding)
                problems += finding.level == "problem"
        if problems:
            self.stdout.write(self.style.ERROR(f"\n{problems} {'problem' if problems == 1 else 'problems'} found."))
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("\nNo problem found."))

    def _print(self, finding: Finding) -> None:
        style = {"ok": self.style.SUCCESS, "warning": self.style.WARNING, "problem": self.style.ERROR}[finding.level]
        self.stdout.write(f"  {style(f'{finding.level:8}')} {finding.text}")
        if finding.remedy:
            self.stdout.write(f"           → {finding.remedy}")
