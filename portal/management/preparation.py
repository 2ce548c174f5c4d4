"""What a portal needs before it serves: migrated databases and collected static files. Made where it is missing."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django import get_version
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import CommandError

import portal
from portal.databases import ensure_databases
from portal.errors import PortalError
from portal.services.health.databases import DatabasesCheck

#: What ``collectstatic`` leaves out unless it is told otherwise.
IGNORED = ["CVS", ".*", "*~"]
#: In the data folder: which files the collected ones were made from.
STAMP = "static.collected"


def migrate_if_needed() -> None:
    """Migrate what isn't migrated. One query for each database finds that out; ``migrate`` itself takes longer."""
    try:
        ensure_databases()
    except PortalError as error:
        raise CommandError(error.message) from error
    if DatabasesCheck()():
        call_command("migrate", verbosity=0)


def collect_if_needed() -> None:
    """Collect the static files if there are others than at the last time. To compress them takes seconds."""
    stamp, files = Path(settings.PORTAL_DATA_DIR) / STAMP, _state_of_files()
    collected = Path(settings.STATIC_ROOT).is_dir() and stamp.is_file() and stamp.read_text() == files
    if not collected:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(files)


def _state_of_files() -> str:
    """Return a hash of names, sizes and times of all static files, and of what makes others of them."""
    state = hashlib.sha256(f"{portal.__version__} {get_version()} {settings.STORAGES}".encode())
    for finder in get_finders():
        for name, storage in finder.list(IGNORED):
            found = Path(storage.path(name)).stat()
            state.update(f"\n{name} {found.st_size} {found.st_mtime_ns}".encode())
    return state.hexdigest()
