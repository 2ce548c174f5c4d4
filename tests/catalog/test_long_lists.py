"""Lists that more clients read than the server has threads, slowly or not to their end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from uuid import uuid4

import pytest

from bench.conformance import drop_databases
from bench.processes import tree
from tests.journeys.portal import ROOT, RunningPortal, environment_for, manage
from tests.server import free_port, listens
from tests.waiting import PATIENCE, wait_until

THREADS = 4
CLIENTS = 3 * THREADS
#: Together 12 MB: more than the kernel and the server hold ready for a client that doesn't read.
ENTITIES, SIZE = 240, 50_000
FILL = f"""
import json, uuid
from django.utils import timezone
from apps.catalog.models import FinalEntity
from apps.catalog.operations.indexing import save_index
from apps.catalog.processing.indexing import index_of

entities = {{}}
for number in range({ENTITIES}):
    id = uuid.uuid4()
    metadata = {{"name": f"long-{{number}}", "namespace": "default", "uid": str(id), "description": "x" * {SIZE}}}
    entities[id] = {{"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": metadata}}
rows = [
    FinalEntity(entity_id=id, entity_ref=f"component:default/{{entity['metadata']['name']}}",
                final_entity=json.dumps(entity), hash="", last_updated_at=timezone.now())
    for id, entity in entities.items()
]
FinalEntity.objects.bulk_create(rows, batch_size=40)
save_index({{id: index_of(entity) for id, entity in entities.items()}}, before={{}})
"""


class Portal(RunningPortal):
    """A portal as ``manage.py serve`` starts it, with long entities; on PostgreSQL if the run has one."""

    def __init__(self, folder: Path) -> None:
        self.port, self._prefix = free_port(), f"long_lists_{uuid4().hex}_"
        self._database = os.environ.get("TEST_DATABASE_URL", "")
        environment = environment_for(
            folder,
            PORTAL_EMBEDDED_WORKER="0",
            DATABASE_URL=self._database,
            APP_CONFIG_backend_database_prefix=self._prefix,
            APP_CONFIG_backend_auth_dangerouslyDisableDefaultAuthPolicy="true",
        )
        super().__init__(f"http://127.0.0.1:{self.port}", environment)
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port), "--threads", str(THREADS)]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, process_group=0)

    def fill(self) -> None:
        """Wait until it serves, which says that its databases are migrated; write the entities."""
        wait_until(lambda: listens(self.port))
        assert self.get("/.backstage/health/v1/readiness")[0] == 200
        manage(["shell", "--verbosity", "0", "-c", FILL], self.environment)

    def sessions(self) -> int:
        """Count the connections to the catalog's database that the server's processes have open."""
        if self._database:
            import psycopg

            with psycopg.connect(self._database) as connection:
                statement = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
                return int(connection.execute(statement, [f"{self._prefix}catalog"]).fetchall()[0][0])
        links = [link for pid in tree(self.process.pid) for link in Path(f"/proc/{pid}/fd").iterdir()]
        return sum(1 for link in links if _target(link).endswith("/catalog.sqlite3"))

    def stop(self) -> int:
        """Ask it to stop, and return its status."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def remove(self) -> None:
        """Leave neither a process nor a database behind."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self._database:
            drop_databases(self._database, self._prefix)


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        # Closed since it was listed.
        return ""


class Client:
    """Somebody who asks for all entities, and has the kernel hold little ready."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(("127.0.0.1", port))
        self._connection = HTTPConnection("127.0.0.1", port)
        self._connection.sock = self._socket

    def ask(self) -> None:
        """Send the request, and wait for nothing."""
        self._connection.request("GET", "/api/catalog/entities")

    def begin(self) -> HTTPResponse:
        """Read the beginning of the answer."""
        answer = self._connection.getresponse()
        assert answer.read(1000).startswith(b"[{")
        return answer

    def read_all(self) -> None:
        """Read the answer to its end, in small pieces."""
        with self.begin() as answer:
            end = b""
            while piece := answer.read(100_000):
                end = piece
            assert end.endswith(b"}]")

    def leave(self) -> None:
        """Hang up, whatever is still on its way."""
        self._connection.close()
        self._socket.close()

    def read_the_beginning(self) -> None:
        """Hang up in the middle of the answer."""
        self.begin().close()
        self.leave()


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    """A portal that serves long entities."""
    portal = Portal(tmp_path)
    try:
        portal.fill()
        yield portal
    finally:
        portal.remove()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in Linux's /proc")
def test_clients_of_long_lists_hold_up_nobody_and_leave_no_session_behind(portal: Portal) -> None:
    def others_are_answered() -> bool:
        one = "/api/catalog/entities/by-name/component/default/long-7"
        return {portal.get(one)[0] for _ in range(2 * THREADS)} == {200}

    def asking(count: int) -> list[Client]:
        clients = [Client(portal.port) for _ in range(count)]
        # All at once: the server takes up others before it goes on with the first.
        for client in clients:
            client.ask()
        return clients

    clients = asking(CLIENTS)
    with ThreadPoolExecutor(CLIENTS) as pool:
        lists = [pool.submit(client.read_all) for client in clients[::2]]
        lists += [pool.submit(client.read_the_beginning) for client in clients[1::2]]
        assert others_are_answered()
        for one in lists:
            one.result(PATIENCE)
    assert others_are_answered()

    # Each holds a thread for as long as it reads nothing, so one thread is left for everybody else.
    waiting = asking(THREADS - 1)
    answers = [client.begin() for client in waiting]
    wait_until(lambda: portal.sessions() >= len(waiting))
    assert others_are_answered()

    for answer in answers:
        answer.close()
    for client in [*waiting, *clients]:
        client.leave()
    wait_until(lambda: portal.sessions() <= THREADS, lambda: f"{portal.sessions()} sessions are left")
    assert portal.stop() == 0
