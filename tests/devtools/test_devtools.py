"""What operators see of their portal, on pages and by the API."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

import portal
from apps.devtools.queries import dependencies
from portal.config import override_config
from portal.services import scheduler
from tests.catalog.pages import Page
from tests.portal.source_hosts.server import Answer, Asked, HttpServer

pytestmark = pytest.mark.django_db(databases=["default", "devtools"])

PAGES = ["info", "config", "external-dependencies", "scheduled-tasks"]
APIS = ["info", "config", "external-dependencies"]
EVIL = "<script>alert(1)</script>"


def api(client: Client, path: str, *, status: int = 200) -> Any:
    """Ask the API."""
    response = client.get(f"/api/devtools/{path}")
    assert response.status_code == status, response.content
    return response.json()


def endpoints(*entries: Any) -> Any:
    """Configure what the portal depends on."""
    return override_config({"devTools": {"externalDependencies": {"endpoints": list(entries)}}})


@pytest.fixture
def neighbour() -> Iterator[HttpServer]:
    """A server that is well at ``/well``, leads there from ``/moved``, and isn't elsewhere."""

    def respond(asked: Asked) -> Answer:
        if asked.path == "/moved":
            return Answer(status=302, headers={"Location": "/well"})
        return Answer(status=200 if asked.path == "/well" else 503)

    server = HttpServer(respond)
    yield server
    server.close()


# Whether it is there


def test_the_pages_are_tabs_below_one(client: Client) -> None:
    response = client.get("/devtools")
    assert response.status_code == 302
    assert response["Location"].endswith("/devtools/info")
    links = Page(client, "/devtools/info").links
    assert {f"/devtools/{path}" for path in PAGES} <= set(links.values())


def test_nothing_is_there_unless_it_is_mentioned(client: Client) -> None:
    with override_config({"app": {"extensions": []}}):
        assert [client.get(f"/devtools/{path}").status_code for path in PAGES] == [404] * len(PAGES)
        for path in APIS:
            assert "page:devtools" in api(client, path, status=404)["error"]["message"]
        assert api(client, "health") == {"status": "ok"}


@pytest.mark.parametrize(
    ("permission", "path"),
    [
        ("devtools.info", "info"),
        ("devtools.config", "config"),
        ("devtools.external-dependencies", "external-dependencies"),
        ("devtools.scheduler.read", "scheduled-tasks"),
    ],
)
def test_each_page_takes_a_permission(client: Client, fake_permissions: Any, permission: str, path: str) -> None:
    fake_permissions.deny(permission)
    assert client.get(f"/devtools/{path}").status_code == 404
    if path in APIS:
        api(client, path, status=403)


def test_who_is_no_operator_finds_nothing(client: Client, fake_permissions: Any) -> None:
    fake_permissions.deny("devtools.administer")
    assert client.get("/devtools").status_code == 404


# Info


def test_info_tells_what_the_portal_runs_on(client: Client) -> None:
    found = api(client, "info")
    assert found["pythonVersion"].endswith(platform.python_version())
    assert found["backstageVersion"] == portal.__version__
    assert platform.system() in found["operatingSystem"]
    versions = {one["name"].lower(): one["versions"] for one in found["dependencies"]}
    assert versions["django"] == sys.modules["django"].__version__
    facts = Page(client, "/devtools/info").facts()
    assert facts["Operating system"] == found["operatingSystem"]
    assert facts["Python"] == found["pythonVersion"]


def test_packages_are_searched_and_may_be_fewer(client: Client) -> None:
    page = Page(client, "/devtools/info", {"q": "-xdis"})
    assert "pytest-xdist" in page.text
    assert "pytest-django" not in page.text
    assert "No package is called so" in Page(client, "/devtools/info", {"q": EVIL}).text
    with override_config({"devTools": {"info": {"packagePrefixes": ["pytest"]}}}):
        names = {one["name"] for one in api(client, "info")["dependencies"]}
    assert "pytest" in names
    assert not {name for name in names if not name.startswith(("pytest", "greenroom", "portal-plugin-"))}


# Config


def test_the_configuration_is_shown_without_secrets(client: Client) -> None:
    tree = {"organization": {"name": EVIL}, "integrations": {"gitlab": [{"host": "git.example", "token": "s3cret"}]}}
    with override_config(tree):
        page = Page(client, "/devtools/config")
        config = api(client, "config")["config"]
    assert config["integrations"]["gitlab"] == [{"host": "git.example", "token": "***"}]
    assert "s3cret" not in page.html
    assert EVIL not in page.html
    assert EVIL in page.text


def test_a_configuration_with_a_mistake_is_shown_all_the_same(client: Client) -> None:
    with override_config({"home": {"visits": {"limit": "many"}}}):
        found = api(client, "config")
        page = Page(client, "/devtools/config")
    assert found["config"]["home"]["visits"]["limit"] == "many"
    (message,) = found["error"]["messages"]
    assert "home.visits.limit" in message
    assert message in page.text


# External dependencies


def test_dependencies_are_asked_how_they_are(client: Client, neighbour: HttpServer) -> None:
    there = f"http://127.0.0.1:{neighbour.port}"
    entries = [{"name": name, "type": "fetch", "target": f"{there}/{name}"} for name in ("well", "moved", "ill")] + [
        {"name": "odd", "type": "smoke", "target": "signals"},
        {"name": "no", "type": "fetch", "target": "nonsense"},
    ]
    with endpoints(*entries):
        found = api(client, "external-dependencies")
    assert [one["status"] for one in found] == ["Healthy", "Healthy", "Unhealthy", "Unhealthy", "Unhealthy"]
    assert found[0] == {"name": "well", "type": "fetch", "target": f"{there}/well", "status": "Healthy"}
    assert found[2]["error"] == "It answered 503."
    assert "'smoke'" in found[3]["error"]
    assert found[4]["error"]


def test_the_page_asks_nobody_before_it_is_there(client: Client, neighbour: HttpServer) -> None:
    with endpoints({"name": EVIL, "type": "fetch", "target": f"http://127.0.0.1:{neighbour.port}/ill"}):
        page = Page(client, "/devtools/external-dependencies")
        assert neighbour.asked == []
        assert "not asked yet" in page.text
        assert page.all(id="devtools-checks")[0].attributes["hx-trigger"] == "load"
        checked = Page(client, page.links["Check now"])
        assert "unhealthy It answered 503." in checked.text
        assert "hx-trigger" not in checked.all(id="devtools-checks")[0].attributes
        assert EVIL not in checked.html


def test_without_dependencies_the_page_says_where_they_go(client: Client) -> None:
    assert "devTools.externalDependencies.endpoints" in Page(client, "/devtools/external-dependencies").text
    assert api(client, "external-dependencies") == []


@pytest.mark.parametrize("entry", [{"name": "x"}, "x", {"name": "x", "type": "fetch", "target": 5}])
def test_an_entry_of_another_shape_is_named(client: Client, entry: Any) -> None:
    with endpoints(entry):
        assert "endpoints[0] must have" in Page(client, "/devtools/external-dependencies").text
        assert "endpoints[0] must have" in api(client, "external-dependencies", status=400)["error"]["message"]


def test_a_ping_is_that_of_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    program = tmp_path / "ping"
    program.write_text('#!/bin/sh\nfor last; do :; done\n[ "$last" = good.example ] || { echo unknown >&2; exit 2; }\n')
    program.chmod(0o755)
    monkeypatch.setattr(dependencies, "which", lambda name: str(program))
    with endpoints(*({"name": "x", "type": "ping", "target": host} for host in ("good.example", "-f"))):
        good, bad = dependencies.check_dependencies()
    assert good.is_healthy
    assert (bad.is_healthy, bad.error) == (False, "unknown")
    monkeypatch.setattr(dependencies, "which", lambda name: None)
    with endpoints({"name": "x", "type": "ping", "target": "good.example"}):
        (missing,) = dependencies.check_dependencies()
    assert "no program 'ping'" in missing.error


# Scheduled tasks


@pytest.fixture
def task() -> Iterator[None]:
    """The plugin's own tasks are shown, of which there is one that is never due."""
    with override_config({"devTools": {"scheduledTasks": {"plugins": ["devtools"]}}}):
        scheduler.for_plugin("devtools").schedule(id="sweep & mop", fn=lambda: None, frequency="manual", timeout="1m")
        yield


@pytest.mark.usefixtures("task")
def test_tasks_are_shown_run_and_stopped(client: Client) -> None:
    page = Page(client, "/devtools/scheduled-tasks")
    assert "sweep & mop" in page.text
    assert page.all("button", aria_label="Run sweep & mop")
    sent = {"plugin": "devtools", "task": "sweep & mop", "do": "trigger"}
    assert client.post("/devtools/scheduled-tasks", sent).status_code == 302
    assert "sweep &amp; mop will run now." in Page(client, "/devtools/scheduled-tasks").html
    client.post("/devtools/scheduled-tasks", {**sent, "do": "cancel"})
    assert "isn&#x27;t running" in Page(client, "/devtools/scheduled-tasks").html
    assert client.post("/devtools/scheduled-tasks", {**sent, "do": "frobnicate"}).status_code == 400


def test_a_plugin_is_chosen_among_those_that_are_shown(client: Client) -> None:
    page = Page(client, "/devtools/scheduled-tasks", {"plugin": "home"})
    options = [one.attributes["value"] for one in page.all("option")]
    assert {"catalog", "home", "devtools"} <= set(options)
    assert options.index("home") < options.index("devtools"), "it has tasks"
    assert client.get("/devtools/scheduled-tasks", {"plugin": "nobody"}).status_code == 400


def test_a_plugin_that_can_not_be_asked_is_said(client: Client) -> None:
    with override_config({"devTools": {"scheduledTasks": {"plugins": ["elsewhere"]}}}):
        assert Page(client, "/devtools/scheduled-tasks").all("li", css="problem")


@pytest.mark.usefixtures("task")
def test_running_takes_a_permission_of_its_own(client: Client, fake_permissions: Any) -> None:
    fake_permissions.deny("devtools.task-scheduler")
    page = Page(client, "/devtools/scheduled-tasks", {"plugin": "devtools"})
    assert "sweep & mop" in page.text
    assert not page.all("button", aria_label="Run sweep & mop")
    assert (
        client.post("/devtools/scheduled-tasks", {"plugin": "devtools", "task": "x", "do": "trigger"}).status_code
        == 403
    )


@pytest.mark.parametrize("path", PAGES)
def test_a_page_does_few_statements(client: Client, django_assert_max_num_queries: Any, path: str) -> None:
    with django_assert_max_num_queries(4):
        Page(client, f"/devtools/{path}")
