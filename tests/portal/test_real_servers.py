"""The servers that tests start are real, private and gone afterwards."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import postgresql, services
from tests.server import Server, free_port, listens, reachable_by_others
from tests.service_fixtures import require
from tests.waiting import wait_until

pytestmark = pytest.mark.usefixtures("restored_environment")


@pytest.fixture
def restored_environment(monkeypatch):
    for variable in ("TEST_DATABASE_URL", "DATABASE_URL"):
        monkeypatch.delenv(variable, raising=False)


def test_postgres_answers_as_a_superuser(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("select usesuper from pg_user where usename = current_user").fetchone() == (True,)


def test_postgres_refuses_a_connection_without_the_password(postgres_url):
    if os.environ.get("TEST_DATABASE_URL") == postgres_url:
        pytest.skip("a server of the caller's may trust everybody")
    port = psycopg.conninfo.conninfo_to_dict(postgres_url)["port"]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", passfile="/nonexistent")


@pytest.mark.parametrize("variable", ["TEST_DATABASE_URL", "DATABASE_URL"])
def test_a_postgres_of_the_environment_is_taken(monkeypatch, variable):
    monkeypatch.setenv(variable, "postgres://me@example.com/x")
    assert services.postgres() == "postgres://me@example.com/x"


def test_a_database_url_of_another_kind_is_not_taken_for_postgres(monkeypatch, postgres_url):
    monkeypatch.setenv("TEST_DATABASE_URL", "sqlite:///x.sqlite3")
    assert services.postgres().startswith("postgresql://")


@pytest.mark.skipif(os.geteuid() != 0, reason="binaries are copied under root only")
def test_binaries_in_a_private_folder_are_copied_and_their_modes_stay(postgres_url, tmp_path, monkeypatch):
    binaries = postgresql.installations()[0]
    monkeypatch.setattr(postgresql, "reachable_by_others", lambda path: path != binaries)
    before = {path: path.stat().st_mode for path in (binaries, *binaries.parents)}
    with psycopg.connect(postgresql.start_cluster(binaries)) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert {path: path.stat().st_mode for path in before} == before


def test_a_private_folder_is_not_reachable_by_others(tmp_path):
    private, inner = tmp_path / "private", tmp_path / "private" / "inner"
    private.mkdir(mode=0o700)
    inner.mkdir(mode=0o755)
    assert not reachable_by_others(inner)
    assert reachable_by_others(Path("/"))


def test_a_server_that_cannot_start_is_unavailable_with_the_end_of_its_log(tmp_path):
    directory = tmp_path / "server"
    directory.mkdir()
    server = Server("Lemon", ["sh", "-c", "echo sour >&2; exit 3"], port=1, directory=directory)
    with pytest.raises(services.Unavailable, match=r"(?s)Lemon ended while starting.*sour"):
        server.wait_until(lambda port: False)
    assert not directory.exists()


def test_a_command_that_is_missing_is_unavailable_with_the_package_to_install(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda *args, **kwargs: None)
    with pytest.raises(services.Unavailable, match="apt-get install redis-server"):
        services.start_redis()


def test_a_missing_server_skips_a_test_and_fails_it_in_ci(monkeypatch):
    def start():
        raise services.Unavailable("Lemon: none here")

    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no server: Lemon: none here"):
        require(start)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no server: Lemon: none here"):
        require(start)


def test_a_server_does_not_outlive_a_killed_test_process(valkey_url):
    program = """if True:
        import time
        from tests import services
        server = services.start_valkey()
        print(server.port, server.directory, flush=True)
        time.sleep(60)
    """
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port, directory = process.stdout.readline().split()
    assert listens(int(port))
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    wait_until(lambda: not Path(directory).exists())
    assert not listens(int(port))


def test_a_server_takes_what_it_has_started_with_it(tmp_path):
    directory, port = tmp_path / "server", free_port()
    directory.mkdir()
    child = f"{sys.executable} -m http.server --bind 127.0.0.1 {port} & wait"
    server = Server("Lemon", ["sh", "-c", child], port=port, directory=directory)
    server.wait_until(listens)
    server.stop()
    wait_until(lambda: not listens(port))


def test_a_paused_server_can_still_be_stopped(valkey_url):
    server = services.start_valkey()
    server.pause()
    server.stop()
    assert not server.directory.exists()
