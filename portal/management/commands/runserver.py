"""``manage.py runserver``: Django's development server, which looks at every plugin's database and stops cleanly."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV
from whitenoise.runserver_nostatic.management.commands.runserver import Command as RunserverCommand

from portal.management.checking import TolerantCommand
from portal.management.preparation import migrate_if_needed
from portal.services.health.databases import DatabasesCheck


class Command(TolerantCommand, RunserverCommand):
    """Serve, and do background work in the same process (``PORTAL_EMBEDDED_WORKER=0`` leaves that to others)."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take ``--migrate`` besides Django's own options."""
        super().add_arguments(parser)
        parser.add_argument(
            "--migrate", action="store_true", help="create and migrate every plugin's database first, if one needs it"
        )

    def run(self, **options: Any) -> None:
        """Prepare the databases if that is asked for, then serve. What the reloader restarts finds them prepared."""
        if options["migrate"] and DJANGO_AUTORELOAD_ENV not in os.environ:
            migrate_if_needed()
        super().run(**options)

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
