"""Somebody installs a plugin, looks at it, and removes it again; somebody else makes one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.portal import ROOT, environment_for, manage, running_portal

HELLO = ROOT / "examples" / "portal-plugin-hello"
ENTITY = "/catalog/default/component/booking-service"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages that has the example plugin, as pip builds and installs it."""
    folder = tmp_path_factory.mktemp("site-packages")
    # Built from a copy, since a build leaves files beside its source; without a network, since it needs none.
    source = tmp_path_factory.mktemp("source") / HELLO.name
    subprocess.run(["cp", "-r", str(HELLO), str(source)], check=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    options = ["--no-index", "--no-deps", "--no-build-isolation", "--root-user-action=ignore", "--target", str(folder)]
    done = subprocess.run([*pip, *options, str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.xdist_group("plugins")
def test_an_installed_plugin_is_there_until_its_line_is_removed(site: Path, tmp_path: Path):
    path = os.pathsep.join([str(ROOT), str(site)])
    with running_portal(tmp_path, PYTHONPATH=path, PORTAL_PLUGINS="portal_hello") as portal:
        portal.wait_for(ENTITY, 'data-extension="entity-card:hello/notes"')
        status, page = portal.get("/hello")
        assert status == 200
        assert 'href="/hello"' in portal.get("/catalog")[1]
        assert (tmp_path / "db" / "hello.sqlite3").exists()

    with running_portal(tmp_path, PYTHONPATH=path) as portal:
        portal.wait_for(ENTITY, "booking-db")
        status, page = portal.get(ENTITY)
        assert status == 200
        assert "hello" not in page.lower()
        assert portal.get("/hello")[0] == 404
        assert portal.get("/api/hello/notes")[0] == 404


@pytest.mark.xdist_group("plugins")
def test_a_new_plugin_passes_its_tests(tmp_path: Path):
    environment = environment_for(tmp_path / "var")
    manage(["startplugin", "tech-notes", str(tmp_path)], environment)
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "portal-plugin-tech-notes"]
    done = subprocess.run(tests, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
