"""``manage.py serve``: the portal as in production, by granian."""

from __future__ import annotations

import gc
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections
from django.urls import get_resolver

from portal.management.ports import require_free
from portal.management.preparation import collect_if_needed, migrate_if_needed
from portal.management.working import worker_processes
from portal.services.lifecycle.parent import GRACE
from portal.services.scheduler.embedded import VARIABLE

APPLICATION = "portal.wsgi:application"


class Command(BaseCommand):
    """Prepare what isn't prepared, then serve until the process is told to end.

    The processes that answer requests or work in the background are forks of this one, which has loaded the portal in
    order to look at the databases: none of them loads it again, and they share its memory. This one opens no connection
    that they could inherit.
    """

    help = "Serves as in production, by granian, once databases are migrated and static files collected."
    # What is checked there is checked before a migration.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what most deployments choose; granian's environment variables (``GRANIAN_HTTP``) say the rest."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen at; default: 127.0.0.1")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on; default: 8000")
        parser.add_argument("--processes", type=int, default=1, help="processes that answer requests; default: 1")
        parser.add_argument("--threads", type=int, default=4, help="threads in each of them; default: 4")
        parser.add_argument(
            "--workers",
            type=int,
            default=0,
            help="processes for background work; by default those that answer requests do it as well",
        )

    def handle(self, *, host: str, port: int, processes: int, threads: int, workers: int, **options: Any) -> None:
        """Prepare, load what all processes need, and hand over to granian."""
        from granian.cli import cli

        require_free(host, port)
        migrate_if_needed()
        collect_if_needed()
        # A mistake in a plugin's URLs is told before anybody is answered.
        get_resolver().url_patterns  # noqa: B018
        connections.close_all()
        gc.collect()
        gc.freeze()
        arguments = {
            "--interface": "wsgi",
            "--host": host,
            "--port": port,
            "--workers": processes,
            "--blocking-threads": threads,
            # Without it, granian waits for ever for a process that it told to stop in the moment of its start.
            "--workers-kill-timeout": int(GRACE),
        }
        words = [str(word) for option in arguments.items() for word in option]
        if workers:
            os.environ[VARIABLE] = "0"
        with worker_processes(workers):
            cli([*words, APPLICATION], prog_name="granian", auto_envvar_prefix="GRANIAN")
