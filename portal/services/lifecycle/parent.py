"""A server process ends when the one that started it is gone."""

from __future__ import annotations

import os
import signal
import threading
import time
from multiprocessing import parent_process

from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

from portal.services import logger

#: Seconds between two looks.
INTERVAL = 1.0
#: Seconds that requests get to end, as from the parent: granian's ``--workers-kill-timeout`` in ``make serve``.
GRACE = 25.0


def end_with_parent() -> None:
    """Stop this process in order, within ``GRACE``, once its parent is gone; killed, for one, which tells no child.

    Servers that start processes stop them only where they stop in order themselves. What they leave behind would go
    on serving on the same port: yesterday's code beside that of the server that is started next. A process that
    nobody but a shell or a supervisor started has no such parent.
    """
    parent = parent_process()
    if parent is not None and parent.pid is not None:
        _follow(parent.pid)
    elif os.environ.get(DJANGO_AUTORELOAD_ENV) == "true":
        _follow(os.getppid())


def _follow(parent: int) -> None:
    threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(INTERVAL)
    logger.for_plugin("app").warning("The server's first process is gone, so this one stops", parent=parent)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)
