"""One server of a test run: started on a free port, awaited, and gone with the process that started it."""

import atexit
import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

START_SECONDS = 120.0
ATTEMPTS = 3
LOG_LINES = 15
SUPERVISOR = Path(__file__).with_name("supervisor.py")

Command = Callable[[int, Path], list[str]]
Probe = Callable[[int], bool]


class Unavailable(Exception):
    """A server can't be had on this machine; the message says why and what would provide it."""


class Server:
    """A running server: its ``port`` on 127.0.0.1, and the ``directory`` that holds its data and its log.

    Tests of outages may `stop` a server of their own, `pause` and `resume` it, or start another on its port.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        port: int,
        directory: Path,
        user: str = "",
        stop_signal: int = signal.SIGKILL,
    ) -> None:
        """Run ``command`` in ``directory`` as ``user`` (empty: as the caller), without waiting for it."""
        self.name = name
        self.port = port
        self.directory = directory
        with (directory / "log").open("ab") as log:
            self._log = Path(log.name).open("rb")  # noqa: SIM115 - read after the supervisor has removed the file
            self._supervisor = subprocess.Popen(
                [sys.executable, str(SUPERVISOR), str(directory), user, str(int(stop_signal)), *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        atexit.register(self.stop)

    @property
    def pid(self) -> int:
        """The process id of the server itself."""
        return int((self.directory / "pid").read_text())

    def pause(self) -> None:
        """Freeze the server: the kernel still accepts connections, and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        """Stop the server and remove its data."""
        if self._supervisor.stdin is not None:
            self._supervisor.stdin.close()
        self._supervisor.wait()
        self._log.close()
        atexit.unregister(self.stop)

    def wait_until(self, ready: Probe) -> None:
        """Return once ``ready(port)`` holds; raise `Unavailable` with the end of the log if it never does."""
        deadline = time.monotonic() + START_SECONDS
        while not ready(self.port):
            if self._supervisor.poll() is not None:
                self._give_up("ended while starting")
            if time.monotonic() > deadline:
                self._give_up(f"was not ready within {START_SECONDS:.0f} s")
            time.sleep(0.02)

    def _give_up(self, what: str) -> None:
        log = self._log.read().decode(errors="replace").splitlines()
        self.stop()
        raise Unavailable("\n".join([f"{self.name} {what}:", *log[-LOG_LINES:]]))


def start(name: str, command: Command, ready: Probe, *, port: int | None = None) -> Server:
    """Start ``command(port, directory)``, on a free port if none is given, and wait until ``ready(port)``."""
    for _ in range(ATTEMPTS - 1):
        try:
            return _start_once(name, command, ready, port or free_port())
        except Unavailable:
            continue  # another process may have taken the port first
    return _start_once(name, command, ready, port or free_port())


def _start_once(name: str, command: Command, ready: Probe, port: int) -> Server:
    directory = temporary_directory()
    server = Server(name, command(port, directory), port=port, directory=directory)
    server.wait_until(ready)
    return server


def free_port() -> int:
    """Find a TCP port of 127.0.0.1 on which nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Tell whether somebody takes connections on a TCP port of 127.0.0.1: a `Probe`."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def temporary_directory(user: str = "") -> Path:
    """Make a private directory in a place that ``user`` (empty: the caller) can reach."""
    parent = Path(tempfile.gettempdir())
    if user and not reachable_by_others(parent):
        parent = Path("/tmp")
    return Path(tempfile.mkdtemp(prefix="greenroom-tests-", dir=parent))


def reachable_by_others(path: Path) -> bool:
    """Tell whether an account that is neither owner nor group may enter ``path``."""
    resolved = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in (resolved, *resolved.parents))


def give(directory: Path, user: str) -> None:
    """Make ``user`` (empty: nobody new) the owner of ``directory`` and of all in it."""
    if user:
        account = pwd.getpwnam(user)
        for path in (directory, *directory.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
