"""Work that leaves notes in the folder that the environment names."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

from portal.services.scheduler import PluginScheduler
from portal.services.tasks import PluginTasks


def register(scheduler: PluginScheduler, tasks: PluginTasks) -> None:
    """Schedule one task of each scope, the global of which asks for a queued one."""
    declared = tasks.task()(bake)
    minute = timedelta(minutes=1)
    scheduler.schedule(id="knead", fn=knead, frequency=minute, timeout=minute, scope="local")
    scheduler.schedule(
        id="order", fn=lambda: tasks.enqueue(declared, {"what": "rye"}), frequency=minute, timeout=minute
    )


def knead() -> None:
    """Note who works here."""
    note("kneaded")
    with (folder() / "workers").open("a") as workers:
        workers.write(f"{os.getpid()}\n")


def bake(what: str) -> None:
    """Take until the test allows to end."""
    note(f"baking {what}")
    while not (folder() / "may-end").exists():
        time.sleep(0.01)
    note(f"baked {what}")


def note(text: str) -> None:
    """Write a line."""
    with (folder() / "notes").open("a") as notes:
        notes.write(f"{text}\n")


def folder() -> Path:
    """The folder for notes."""
    return Path(os.environ["WORKPLUGIN_FOLDER"])
