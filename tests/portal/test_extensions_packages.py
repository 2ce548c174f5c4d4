"""``app.packages``, ``app.pluginOverrides``, declared feature flags, and pages that configuration can't blank."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.config import override_config
from portal.extensions import FeatureFlag, get_tree
from portal.extensions.checks import check_extensions
from portal.extensions.discovery import declared_flags
from portal.extensions.plugin_info import PluginLink, plugin_infos
from portal.shell.problems import app_problems


def packages(value: Any) -> Any:
    return override_config({"app": {"packages": value}})


def ids() -> set[str]:
    return set(get_tree().nodes)


def problem_ids() -> list[str | None]:
    return [problem.id for problem in check_extensions()]


# --- app.packages ---


@pytest.mark.parametrize("value", [None, "all", {}, {"include": None}])
def test_everything_takes_part_by_default(value: Any):
    with packages(value):
        assert {"page:testplugin", "page:catalog", "app/nav"} <= ids()


@pytest.mark.parametrize("name", ["testplugin", "tests.testplugin", "@acme/backstage-plugin-testplugin"])
def test_one_that_is_excluded_takes_no_part(name: str):
    with packages({"exclude": [name]}):
        assert "page:testplugin" not in ids()
        assert {"page:catalog", "app/nav"} <= ids()


def test_only_what_is_included_takes_part_beside_the_core():
    with packages({"include": ["@backstage/plugin-catalog"]}):
        assert {"page:catalog", "app/nav", "page:user-settings"} <= ids()
        assert "page:testplugin" not in ids()


def test_a_page_of_the_core_can_be_excluded_by_its_plugins_id_but_not_the_core():
    with packages({"exclude": ["app-visualizer", "app"]}):
        assert "page:app-visualizer" not in ids()
        assert "app/nav" in ids()


@pytest.mark.usefixtures("overrides_module")
def test_a_module_can_be_excluded_without_its_plugin():
    with packages({"exclude": ["tests.testplugin.modules.overrides"]}):
        assert get_tree().nodes["page:testplugin"].spec.origin == "tests.testplugin"
        assert all("overrides" not in node.spec.origin for node in get_tree().nodes.values())


def test_what_is_excluded_keeps_its_api(client: Client):
    with packages({"exclude": ["testplugin"]}):
        assert client.get("/testplugin", follow=True).status_code == 404


@pytest.mark.parametrize("value", ["some", ["catalog"], {"only": []}, {"include": "catalog"}, {"exclude": [1]}])
def test_what_cannot_be_read_leaves_nothing_out_and_is_named(value: Any):
    with packages(value):
        assert "page:testplugin" in ids()
        assert "portal.E222" in problem_ids()


def test_a_name_that_nobody_has_is_a_warning():
    with packages({"exclude": ["tesplugin", "@backstage/plugin-catalog-module-x"]}):
        [problem] = [problem for problem in check_extensions() if problem.id == "portal.W222"]
    assert "tesplugin, @backstage/plugin-catalog-module-x" in problem.msg


# --- app.pluginOverrides ---


def info_of(plugin_id: str) -> Any:
    return next(info for info in plugin_infos() if info.plugin_id == plugin_id)


def test_a_plugin_says_what_it_is():
    info = info_of("app")
    assert info.title == "Portal"
    assert info.description.startswith("The portal itself")


@pytest.mark.parametrize(
    "match", [{"pluginId": "app"}, {"pluginId": "/a.+/"}, {"pluginId": "app", "packageName": "/.*/"}]
)
def test_the_configuration_may_say_something_else(match: dict[str, str], client: Client):
    links = [{"title": "Guide", "url": "https://example.com/guide"}, {"url": "https://example.com"}]
    entry = {"match": match, "info": {"description": "Ours <b>", "ownerEntityRefs": ["group:team-a"], "links": links}}
    with override_config({"app": {"pluginOverrides": [entry]}}):
        info = info_of("app")
        assert (info.description, info.owner_entity_refs) == ("Ours <b>", ("group:team-a",))
        assert info.links[1] == PluginLink("https://example.com", "https://example.com")
        client.get("/testplugin")
        assert "Ours &lt;b&gt;" in client.get("/visualizer/plugins").content.decode()


def test_an_override_of_another_plugin_changes_nothing():
    entry = {"match": {"pluginId": "ap"}, "info": {"description": "Ours"}}
    with override_config({"app": {"pluginOverrides": [entry]}}):
        assert info_of("app").description != "Ours"


@pytest.mark.parametrize(
    "value",
    [
        "x",
        [1],
        [{"info": {}}],
        [{"match": {}, "info": {}}],
        [{"match": {"id": "app"}, "info": {}}],
        [{"match": {"pluginId": "/(/"}, "info": {}}],
        [{"match": {"pluginId": "app"}, "info": {"owner": "me"}}],
        [{"match": {"pluginId": "app"}, "info": {"description": 1}}],
        [{"match": {"pluginId": "app"}, "info": {"links": [{"title": "no url"}]}}],
    ],
)
def test_a_malformed_override_has_no_effect_and_is_named(value: Any):
    before = info_of("app")
    with override_config({"app": {"pluginOverrides": value}}):
        assert "portal.E223" in problem_ids()
        assert info_of("app") == before


# --- Feature flags ---


def test_flags_are_declared_in_the_room():
    flags, problems = declared_flags()
    assert FeatureFlag("experiments", "Shows what isn't finished.", "testplugin") in flags
    assert problems == []


@pytest.mark.parametrize("name", ["ab", "Experiments", "1st", "with space", "x" * 151])
def test_a_flag_of_a_wrong_name_is_left_out_and_named(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tests.testplugin.extensions.EXPERIMENTS", FeatureFlag(name))
    flags, problems = declared_flags()
    assert name not in {flag.name for flag in flags}
    assert [problem.id for problem in problems] == ["portal.E224"]
    assert "portal.E224" in problem_ids()


def test_a_flag_that_is_declared_twice_is_the_first_ones(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tests.testplugin.extensions.SECOND", FeatureFlag("experiments", "Other"), raising=False)
    flags, problems = declared_flags()
    assert [flag.description for flag in flags if flag.name == "experiments"] == ["Shows what isn't finished."]
    assert "declares it already" in problems[0].msg


@pytest.mark.usefixtures("overrides_module")
def test_a_flag_that_a_module_imports_is_declared_once(monkeypatch: pytest.MonkeyPatch):
    flag = import_module("tests.testplugin.extensions").EXPERIMENTS
    monkeypatch.setattr("tests.testplugin.modules.overrides.extensions.EXPERIMENTS", flag, raising=False)
    flags, problems = declared_flags()
    assert [flag.plugin_id for flag in flags if flag.name == "experiments"] == ["testplugin"]
    assert problems == []


# --- Nothing that is configured blanks the page ---

IDS = st.sampled_from(["app/nav", "api:app/icons", "api:app/app-theme", "page:testplugin", "no/such", "app/user-menu"])
VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists)
FACTS = st.dictionaries(st.sampled_from(["config", "disabled", "attachTo"]), VALUES)
ENTRIES = VALUES | IDS | st.dictionaries(IDS, VALUES | FACTS)


@pytest.mark.django_db(databases=["default"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ENTRIES, max_size=4) | VALUES)
def test_whatever_app_extensions_holds_there_is_a_page(client: Client, value: Any):
    with override_config({"app": {"extensions": value}}):
        response = client.get("/visualizer/text")
        assert response.status_code == 200
        assert "<h1" in response.content.decode()
        named = response.content.decode()
        assert all(str(problem.id) in named for problem in app_problems())


MISUSES = {
    "switched off": False,
    "moved": {"attachTo": {"id": "page:testplugin", "input": "pages"}},
    "configured wrongly": {"config": {"redirects": "everything"}},
}


@pytest.mark.parametrize("misuse", MISUSES)
@pytest.mark.parametrize("trunk", ["app", "app/root", "app/layout", "app/routes"])
def test_no_configuration_takes_away_what_every_page_hangs_from(client: Client, trunk: str, misuse: str):
    with override_config({"app": {"extensions": [{trunk: MISUSES[misuse]}]}}):
        assert client.get("/testplugin").status_code == 200
        assert [problem.obj for problem in get_tree().problems] == [trunk]
        assert trunk in client.get("/visualizer/tree").content.decode()


@pytest.mark.parametrize("value", ["everything", 5, ["page:catalog"]])
@pytest.mark.parametrize("key", ["routes", "extensions", "packages", "pluginOverrides"])
def test_a_key_of_another_type_costs_no_page(client: Client, key: str, value: Any):
    with override_config({"app": {key: value}}):
        assert client.get("/visualizer/plugins").status_code == 200


@pytest.mark.parametrize("key", ["title", "organization", "support"])
@pytest.mark.parametrize("value", [5, ["a"], {"name": 5, "url": 5}])
def test_a_name_of_another_type_costs_no_page(client: Client, key: str, value: Any):
    with override_config({key: value} if key == "organization" else {"app": {key: value}}):
        response = client.get("/visualizer/text")
        assert response.status_code == 200
        assert "Traceback" not in response.content.decode()


@pytest.mark.parametrize("trunk", ["app", "app/root", "app/layout", "app/routes"])
def test_without_a_place_for_pages_there_is_a_page_that_says_so_and_the_api_answers(
    client: Client, trunk: str, monkeypatch: pytest.MonkeyPatch
):
    broken = get_tree().nodes[trunk].spec.extension
    monkeypatch.setattr(broken, "faults", lambda self: ["somebody broke it"])
    with override_config({}):
        client.post("/sign-in")
        response = client.get("/catalog")
        assert response.status_code == 503
        html = response.content.decode()
        assert "The interface is switched off" in html
        assert f"&#x27;{trunk}&#x27;" in html
        assert "portal.E225" in problem_ids()
        assert client.get("/.backstage/health/v1/liveness").status_code == 200
