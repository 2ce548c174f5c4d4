"""Run one server for as long as the test process that asked for it lives.

``python supervisor.py DIRECTORY USER SIGNAL COMMAND…`` starts COMMAND in DIRECTORY and stops it with SIGNAL when
standard input closes. A pipe closes however its writer ends, by ``SIGKILL`` too: no server, no process that it has
started and no data outlives the tests.
"""

import contextlib
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

POLL_SECONDS = 0.2
STOP_SECONDS = 30


def main(directory: Path, user: str, stop_signal: int, command: list[str]) -> int:
    """Run ``command``, then remove ``directory``; give the status of a server that ended by itself."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    server = None
    try:
        # A group of its own, so that what it starts can be stopped with it.
        server = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, process_group=0, **identity(user))
        (directory / "pid").write_text(str(server.pid))
        while server.poll() is None:
            if select.select([sys.stdin], [], [], POLL_SECONDS)[0]:
                break
        return server.poll() or 0
    finally:
        if server is not None:
            stop(server, stop_signal)
        shutil.rmtree(directory, ignore_errors=True)


def identity(user: str) -> dict[str, Any]:
    """Give the arguments of ``Popen`` that run a command as ``user`` (empty: as the caller)."""
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


def stop(server: "subprocess.Popen[bytes]", stop_signal: int) -> None:
    """Stop ``server``, a paused one too, within a few seconds, and kill what it leaves behind."""
    for number in (signal.SIGCONT, stop_signal):
        server.send_signal(number)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:]))
