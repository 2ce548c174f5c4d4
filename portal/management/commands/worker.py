"""``manage.py worker``: background work in a process of its own."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from portal.errors import PortalError
from portal.management.checking import TolerantCommand
from portal.management.working import work
from portal.services.scheduler import Worker


class Command(TolerantCommand):
    """Work until SIGTERM or SIGINT, then finish what is being done. Any number of workers may run beside each other."""

    help = "Runs scheduled and queued work of all plugins, or of those given, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--plugins``."""
        parser.add_argument(
            "--plugins",
            metavar="ID,ID",
            default="",
            help="Ids of the plugins to work for, separated by commas. Default: all.",
        )

    def handle(self, *args: Any, plugins: str, **options: Any) -> None:
        """Start the process's lifecycle and a worker; exit with 1 if work was left unfinished."""
        wanted = [plugin_id.strip() for plugin_id in plugins.split(",") if plugin_id.strip()] or None
        try:
            worker = Worker(wanted)
            self.stdout.write(f"Working for {', '.join(worker.plugins) or 'no plugin'}. Stop with Ctrl-C.")
            finished = work(worker)
        except PortalError as error:
            raise CommandError(error.message) from error
        if not finished:
            sys.exit(1)
