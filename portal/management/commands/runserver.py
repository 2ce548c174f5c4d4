"""``manage.py runserver``: Django's development server, which looks at every plugin's database and stops cleanly."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from django.core import checks
from django.core.management.base import CommandParser
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV
from whitenoise.runserver_nostatic.management.commands.runserver import Command as RunserverCommand

from portal.management.checking import TolerantCommand
from portal.management.preparation import migrate_if_needed
from portal.services.health.databases import DatabasesCheck

#: The tags of checks of what ``app-config.yaml`` says.
CONFIGURED = ["configuration", "services"]


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
        if DJANGO_AUTORELOAD_ENV not in os.environ:
            self._require_configuration()
            if options["migrate"]:
                migrate_if_needed()
        super().run(**options)

    def _require_configuration(self) -> None:
        """End with a message if nobody could serve by the configuration: the reloader would wait for other code."""
        if any(one.is_serious() and not one.is_silenced() for one in checks.run_checks(tags=CONFIGURED)):
            self.check(tags=CONFIGURED)

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
