"""What a process does is said by its environment: it publishes, or notes what it hears in a file of its own.

A publisher repeats "hello" until the file ``go`` is there, and then publishes the numbers from 0 to 59.
"""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

from portal.services import events
from portal.services.events import Event
from portal.services.scheduler import PluginScheduler, current_run
from portal.services.tasks import PluginTasks

COUNT = 60
TOPIC = "news"


def register(scheduler: PluginScheduler, tasks: PluginTasks) -> None:
    """Publish, or subscribe: under an id that all processes share, and under one that is this process's."""
    name = os.environ["NEWSPLUGIN_NAME"]
    if name == "publisher":
        hour = timedelta(hours=1)
        scheduler.schedule(id="publish", fn=publish, frequency=hour, timeout=hour, scope="local")
        return
    own = events.for_plugin("newsplugin")
    own.subscribe(id="shared", topics=[TOPIC], on_event=lambda event: note(name, "shared", event))
    own.subscribe(id=name, topics=[TOPIC], on_event=lambda event: note(name, name, event))


def publish() -> None:
    """Publish."""
    own, run = events.for_plugin("newsplugin"), current_run()
    while not (folder() / "go").exists() and not (run and run.stopped):
        own.publish(TOPIC, "hello")
        time.sleep(0.3)
    for number in range(COUNT):
        own.publish(TOPIC, number)


def note(process: str, subscription: str, event: Event) -> None:
    """Write a line."""
    with (folder() / f"{process}.notes").open("a") as notes:
        notes.write(f"{subscription} {event.payload}\n")


def folder() -> Path:
    """The folder for notes."""
    return Path(os.environ["NEWSPLUGIN_FOLDER"])
