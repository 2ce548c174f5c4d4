"""What ``manage.py doctor`` looks at. Each examination yields findings; none of them changes anything."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core import checks
from django.db import DatabaseError, connections
from django.utils import timezone

from portal.config import current
from portal.models import QueuedTask, ScheduledTask
from portal.services import cache, logger
from portal.services.health.databases import DatabasesCheck

Level = Literal["ok", "warning", "problem"]
Examination = Callable[[], "Iterator[Finding]"]

MIGRATE = "python manage.py migrate"
#: How long work may be due before it counts as left undone.
PATIENCE = timedelta(minutes=5)
#: A file that every portal serves.
STYLESHEET = "portal/portal.css"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, and what to do about it if it isn't well."""

    level: Level
    text: str
    remedy: str = ""


def configuration() -> Iterator[Finding]:
    """Look at the files of ``app-config.yaml``, at their keys, and at what Django's checks say."""
    config = current()
    names = ", ".join(_short(path) for path in config.files)
    yield (
        Finding("ok", f"read: {names}")
        if names
        else Finding("warning", "no configuration file was found", "make app-config.yaml, or name one in PORTAL_CONFIG")
    )
    for key, variable in config.unset_variables.items():
        yield Finding("warning", f"{key} is left out, because {variable} isn't set", f"set {variable}, or remove it")
    for message in checks.run_checks():
        level: Level = "problem" if message.level >= checks.ERROR else "warning"
        where = f"{message.obj}: " if message.obj else ""
        yield Finding(level, f"{where}{message.msg} ({message.id})", message.hint or "")


def databases() -> Iterator[Finding]:
    """Look whether every plugin's database is there, can be reached, and is migrated."""
    check = DatabasesCheck()
    for alias, database in settings.DATABASES.items():
        name = f"{alias}: {place_of(database)}"
        if _is_sqlite_file(database) and not Path(database["NAME"]).exists():
            yield Finding("problem", f"{name} isn't there yet", MIGRATE)
            continue
        try:
            connections[alias].ensure_connection()
        except DatabaseError as error:
            yield Finding("problem", f"{name} can't be reached: {str(error).strip()}", _remedy_of(database))
            continue
        missing = check.problem_of(alias)
        yield Finding("problem", f"{name}: {missing}", MIGRATE) if missing else Finding("ok", f"{name} is migrated")


def caches() -> Iterator[Finding]:
    """Look whether the cache's store answers."""
    store = current().get_str("backend.cache.store", default="memory")
    problem = cache.problem()
    if problem:
        yield Finding("problem", problem, "start the server, or correct backend.cache or CACHE_URL")
    else:
        yield Finding("ok", f"the store ({store}) answers")


def background_work() -> Iterator[Finding]:
    """Look whether what is due gets done, plugin by plugin."""
    for alias in settings.DATABASES:
        try:
            yield from _background_work_of(alias)
        except DatabaseError:
            yield Finding("problem", f"{alias}: nothing is known, because its database isn't usable", MIGRATE)


def files() -> Iterator[Finding]:
    """Look whether the data folder can be written to and the static files are found."""
    folder = settings.PORTAL_DATA_DIR
    if not folder.is_dir():
        yield Finding("problem", f"there is no data folder {_short(folder)}", f"mkdir -p {folder}")
    elif not os.access(folder, os.W_OK):
        yield Finding(
            "problem", f"the data folder {_short(folder)} can't be written to", f"chown it to this user: {folder}"
        )
    else:
        yield Finding("ok", f"everything is written to {_short(folder)}")
    if finders.find(STYLESHEET) is None and not (settings.STATIC_ROOT / STYLESHEET).exists():
        yield Finding("problem", f"the static file {STYLESHEET} is nowhere", "python manage.py collectstatic --noinput")
    else:
        yield Finding("ok", "static files are found")


#: In the order in which to look: what comes later depends on what comes before.
EXAMINATIONS: dict[str, Examination] = {
    "Configuration": configuration,
    "Files": files,
    "Databases": databases,
    "Cache": caches,
    "Background work": background_work,
}


def findings_of(examine: Examination) -> Iterator[Finding]:
    """Yield what an examination finds; one that breaks off is a finding too, so that the others are made."""
    try:
        yield from examine()
    except Exception as error:  # noqa: BLE001 - whatever is broken here is what the command was asked for
        logger.for_plugin("app").exception("An examination broke off", examination=examine.__name__)
        yield Finding("problem", f"not examined to the end: {type(error).__name__}: {error}", "see the traceback")


def place_of(database: dict[str, Any]) -> str:
    """Say where a database is, without its password."""
    engine = database["ENGINE"].rpartition(".")[2]
    if engine == "sqlite3":
        return f"SQLite {_short(Path(database['NAME']))}"
    server = f"{database.get('HOST') or 'local socket'}:{database.get('PORT') or 'default port'}"
    return f"{engine} {database['NAME']} at {server}"


def _is_sqlite_file(database: dict[str, Any]) -> bool:
    name = str(database["NAME"])
    return database["ENGINE"].endswith("sqlite3") and name != ":memory:" and not name.startswith("file:")


def _remedy_of(database: dict[str, Any]) -> str:
    if database["ENGINE"].endswith("sqlite3"):
        return f"let this user read and write {database['NAME']} and its folder"
    return f"start the server, or correct DATABASE_URL or backend.database; if the database is missing: {MIGRATE}"


def _background_work_of(alias: str) -> Iterator[Finding]:
    now = timezone.now()
    scheduled = list(ScheduledTask.objects.using(alias).order_by("plugin_id", "task_id"))
    queued = QueuedTask.objects.using(alias)
    overdue = [
        f"{task} since {task.next_run_start_at:%Y-%m-%d %H:%M} UTC"
        for task in scheduled
        if task.current_run_ticket is None and task.next_run_start_at and task.next_run_start_at < now - PATIENCE
    ]
    waiting = queued.filter(state=QueuedTask.State.WAITING, run_at__lt=now - PATIENCE).count()
    if waiting:
        overdue.append(f"{waiting} queued tasks")
    if overdue:
        remedy = "start the portal (make run, make serve), or a worker: python manage.py worker"
        yield Finding("problem", f"{alias}: due and not done: {', '.join(overdue)}", remedy)
    for task in scheduled:
        if task.last_run_error:
            yield Finding("warning", f"{alias}: the last run of {task} failed: {task.last_run_error}")
    failed = queued.filter(state=QueuedTask.State.FAILED).count()
    if failed:
        yield Finding("warning", f"{alias}: {failed} queued tasks failed for good")
    if scheduled and not overdue:
        yield Finding("ok", f"{alias}: {len(scheduled)} scheduled tasks get done")


def _short(path: Path) -> str:
    """Return a path relative to the working folder where it lies below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
