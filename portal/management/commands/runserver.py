"""``manage.py runserver``: Django's development server, which looks at every plugin's database and stops cleanly."""

from __future__ import annotations

import signal
import sys
from typing import Any

from whitenoise.runserver_nostatic.management.commands.runserver import Command as RunserverCommand

from portal.services.health.databases import DatabasesCheck


class Command(RunserverCommand):
    """Serve, and do background work in the same process (``PORTAL_EMBEDDED_WORKER=0`` leaves that to others)."""

    def check_migrations(self) -> None:
        """Say which databases lack migrations: Django's own command looks at ``default`` only."""
        problem = DatabasesCheck()()
        if problem:
            self.stdout.write(self.style.NOTICE(f"\n{problem}\n"))

    def inner_run(self, *args: Any, **options: Any) -> None:
        """Serve until the process is told to end."""
        if not options["use_reloader"]:
            # The reloader sees to this itself; without it SIGTERM would cut background work off.
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        super().inner_run(*args, **options)
