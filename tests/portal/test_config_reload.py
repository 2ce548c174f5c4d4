"""A process follows its configuration while it works."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import AppConfig

from portal.config import (
    Config,
    ConfigSource,
    Key,
    Section,
    changed_keys,
    current,
    on_change,
    on_trial,
    override_config,
    set_current,
    trial,
)
from portal.errors import ConfigError
from portal.extensions import get_tree
from portal.services import auth, health, lifecycle, services
from portal.services.root_config import watching
from portal.services.root_config.watching import ConfigWatcher, watch_files

TITLE = "app: {title: %s}\n"


class Folder:
    """A folder with configuration, and a watcher of it that the test makes look."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write("app-config.yaml", TITLE % "First")
        self.source = ConfigSource(root=path, environ={})
        set_current(self.source.load())
        self.watcher = ConfigWatcher(self.source)

    def write(self, name: str, text: str) -> None:
        """Write a file as careful editors do: the old one is there until the new one is whole."""
        new = self.path / f"{name}.new"
        new.write_text(text)
        new.rename(self.path / name)

    def settle(self) -> None:
        """Look as often as it takes to see a change that is over."""
        self.watcher.look()
        self.watcher.look()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    before = current()
    yield Folder(tmp_path)
    set_current(before)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, Any]]]:
    lines: list[tuple[str, str, dict[str, Any]]] = []

    class Log:
        def __getattr__(self, level: str) -> Any:
            return lambda event, **fields: lines.append((level, event, fields))

    class Logger:
        def for_plugin(self, plugin_id: str) -> Log:
            return Log()

    monkeypatch.setattr(watching, "logger", Logger())
    return lines


def title() -> object:
    return current().get("app.title")


def test_a_changed_file_is_followed(folder: Folder) -> None:
    folder.write("app-config.yaml", TITLE % "Second")
    folder.settle()
    assert title() == "Second"


def test_an_unchanged_file_is_not_read_again(folder: Folder) -> None:
    before = current()
    folder.settle()
    assert current() is before


def test_a_layer_that_appears_is_followed_and_one_that_goes(folder: Folder) -> None:
    folder.write("app-config.local.yaml", TITLE % "Local")
    folder.settle()
    assert title() == "Local"
    (folder.path / "app-config.local.yaml").unlink()
    folder.settle()
    assert title() == "First"


@pytest.mark.parametrize(
    ("include", "name"), [("{$file: title.txt}", "title.txt"), ("{$include: 'x.yaml#title'}", "x.yaml")]
)
def test_a_file_that_another_reads_is_followed(folder: Folder, include: str, name: str) -> None:
    texts = {"title.txt": "{}", "x.yaml": "title: {}"}
    folder.write(name, texts[name].format("Before"))
    folder.write("app-config.yaml", TITLE % include)
    folder.settle()
    assert title() == "Before"
    folder.write(name, texts[name].format("After"))
    folder.settle()
    assert title() == "After"


def test_a_file_is_not_read_while_it_is_written(folder: Folder) -> None:
    """An empty file is a sound configuration, but here it is half a save."""
    path = folder.path / "app-config.yaml"
    path.write_text("")
    folder.watcher.look()
    path.write_text(TITLE % "Second")
    folder.watcher.look()
    assert title() == "First"
    folder.watcher.look()
    assert title() == "Second"


@pytest.mark.parametrize(
    "broken",
    [
        "app: {title: [\n",
        "app: {title: {$file: missing.txt}}\n",
        "app: {title: [a, list]}\n",
        "catalog: {rules: [{allow: [Component], locations: [{type: url, exact: x, pattern: y}]}]}\n",
        "catalog: {locations: [{type: url}]}\n",
        "catalog: {processingInterval: often}\n",
        "backend: {auth: {externalAccess: [{type: static, options: {token: short, subject: me}}]}}\n",
        "backend: {reading: {allow: [{host: 7}]}}\n",
    ],
)
def test_a_broken_configuration_changes_nothing_until_it_is_mended(
    folder: Folder, logged: list[tuple[str, str, dict[str, Any]]], broken: str
) -> None:
    before = current()
    folder.write("app-config.yaml", broken)
    folder.settle()
    assert current() is before
    assert folder.watcher.problem() is not None
    ((level, _, fields),) = logged
    assert level == "error"
    assert fields["problems"]
    folder.settle()
    assert len(logged) == 1, "it is told once"
    folder.write("app-config.yaml", TITLE % "Mended")
    folder.settle()
    assert title() == "Mended"
    assert folder.watcher.problem() is None
    assert [event for _, event, _ in logged[1:]] == [
        "The configuration can be used again",
        "Following the changed configuration",
    ]


def test_a_broken_configuration_is_mended_by_the_file_that_it_lacked(folder: Folder) -> None:
    folder.write("app-config.yaml", "app: {title: {$file: missing.txt}}\n")
    folder.settle()
    assert title() == "First"
    folder.write("missing.txt", "Found")
    folder.settle()
    assert title() == "Found"


def test_what_was_wrong_before_keeps_no_change_away(folder: Folder) -> None:
    folder.write("app-config.yaml", "app: {title: First, extensions: [page:nowhere]}\n")
    set_current(folder.source.load())
    folder.write("app-config.yaml", "app: {title: Second, extensions: [page:nowhere]}\n")
    folder.settle()
    assert title() == "Second"


def test_the_extension_tree_follows(folder: Folder) -> None:
    assert get_tree().get("page:catalog") is not None
    before = get_tree()
    folder.write("app-config.yaml", "app: {extensions: [{'page:catalog': {config: {path: /things}}}]}\n")
    folder.settle()
    assert get_tree() is not before


def test_tokens_follow(folder: Folder) -> None:
    access = "backend: {auth: {externalAccess: [{type: static, options: {token: '%s', subject: robot}}]}}\n"
    folder.write("app-config.yaml", access % "first-token")
    folder.settle()
    assert auth.authenticate("first-token").principal.subject == "robot"
    folder.write("app-config.yaml", access % "second-token")
    folder.settle()
    assert auth.authenticate("second-token").principal.subject == "robot"


def test_services_go_on_working(folder: Folder) -> None:
    scheduler = services["scheduler"]
    folder.write("app-config.yaml", TITLE % "Second")
    folder.settle()
    assert services["scheduler"] is scheduler


def test_what_needs_a_restart_is_told_in_one_line(
    folder: Folder, logged: list[tuple[str, str, dict[str, Any]]]
) -> None:
    folder.write("app-config.yaml", "app: {title: Second}\nbackend: {database: {client: pg}, logger: {level: debug}}\n")
    folder.settle()
    assert [(level, fields["keys"]) for level, _, fields in logged] == [
        ("info", ["app.title"]),
        ("warning", ["backend.database.client", "backend.logger.level"]),
    ]


def test_a_key_says_itself_which_changes_need_a_restart() -> None:
    class Work(Section, listed=False):
        """Work."""

        prefix = "work"
        pace = Key.json("pace", restart=lambda before, after: after is False, help="How fast.")
        place = Key.string("place", restart=True, default="", help="Where.")
        name = Key.string("name", default="", help="Whose.")

    def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, bool]:
        return dict(changed_keys(Config.of({"work": before}), Config.of({"work": after}), [Work]))

    assert changed({"pace": 1, "name": "a"}, {"pace": 2, "name": "a"}) == {"work.pace": False}
    assert changed({"pace": 1}, {"pace": False, "place": "x"}) == {"work.pace": True, "work.place": True}


def test_a_module_is_configured_when_it_starts() -> None:
    from apps.catalog.modules.gitlab.conf import GitlabProvidersConf

    AppConfig.create("apps.catalog.modules.gitlab").ready()
    assert GitlabProvidersConf.restart


def test_a_trial_is_this_threads_alone_and_leaves_nothing_behind() -> None:
    seen: list[object] = []
    tree = get_tree()
    with trial(Config.of({"app": {"title": "Tried"}})):
        assert on_trial()
        assert title() == "Tried"
        assert get_tree() is not tree
        other = threading.Thread(target=lambda: seen.append(title()))
        other.start()
        other.join()
    assert seen == [title()] != ["Tried"]
    assert get_tree() is tree


def test_listeners_choose_whether_they_hear_of_changes_at_work(folder: Folder) -> None:
    heard: list[str] = []
    forget = [on_change(lambda: heard.append("all")), on_change(lambda: heard.append("some"), at_work=False)]
    try:
        folder.write("app-config.yaml", TITLE % "Second")
        folder.settle()
        assert heard == ["all"]
        with override_config({}):
            assert heard == ["all", "all", "some"]
    finally:
        for undo in forget:
            undo()


def test_a_process_watches_from_its_start_to_its_end(folder: Folder, settings: Any) -> None:
    settings.PORTAL_CONFIG_SOURCE = folder.source
    before = set(threading.enumerate())
    watch_files()
    lifecycle.start()
    try:
        started = [thread for thread in threading.enumerate() if thread not in before]
        assert [thread.name for thread in started].count("configuration") == 1
    finally:
        lifecycle.shutdown()
    assert not any(thread.is_alive() for thread in started if thread.name == "configuration")


def test_health_tells_of_it_and_stays_green() -> None:
    health.register("configuration", lambda: "Look at the log.", advisory=True)
    health.register("databases", lambda: None)
    lifecycle.start()
    readiness = health.readiness()
    assert (readiness.status_code, readiness.body) == (200, {"message": "Look at the log.", "status": "ok"})


def test_a_source_remembers_what_it_looked_for_in_vain(tmp_path: Path) -> None:
    (tmp_path / "app-config.yaml").write_text("a: {$include: b.yaml}\n")
    source = ConfigSource(root=tmp_path, environ={})
    with pytest.raises(ConfigError):
        source.load()
    assert not source.changed()
    (tmp_path / "b.yaml").write_text("1\n")
    assert source.changed()
    assert source.load().get("a") == 1
