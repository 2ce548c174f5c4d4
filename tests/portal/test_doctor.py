"""``manage.py doctor``: what it finds, and what it says to do."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.management.diagnosis import Finding, background_work, findings_of, place_of
from portal.models import QueuedTask, ScheduledTask
from tests.journeys.portal import environment_for, manage
from tests.server import free_port


def test_a_portal_that_was_never_migrated_is_told_to_migrate(tmp_path):
    output = manage(["doctor"], environment_for(tmp_path), status=1)
    assert "catalog.sqlite3 isn't there yet\n           → python manage.py migrate" in output


def test_a_data_folder_that_cant_be_written_is_told_in_a_line(tmp_path):
    (tmp_path / "file").write_text("")
    environment = environment_for(tmp_path, PORTAL_DATA_DIR=str(tmp_path / "file"), SECRET_KEY="s" * 50)
    output = manage(["migrate"], environment, status=1)
    assert f"The folder {tmp_path / 'file' / 'db'} for SQLite databases can't be made" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("command", ["check", "doctor", "runserver"])
def test_a_plugin_that_isnt_installed_is_told_in_a_line(tmp_path, command):
    output = manage([command], environment_for(tmp_path, PORTAL_PLUGINS="no.such.plugin"), status=1)
    assert "The app 'no.such.plugin' in INSTALLED_APPS, PORTAL_PLUGINS or backend.plugins isn't installed" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("command", ["check", "doctor", "runserver"])
def test_a_value_of_a_wrong_type_is_told_once_and_with_its_place(tmp_path, command):
    config = tmp_path / "app-config.yaml"
    config.write_text("app:\n  title: 5\ncatalog: much\n")
    output = manage([command], environment_for(tmp_path, PORTAL_CONFIG=str(config)), status=1)
    assert f"{config}:2: app.title: must be a string, not a number. Put it into quotes." in output
    assert output.count(f"{config}:3: catalog: must be an object, not a string") == 1
    assert "Traceback" not in output


def test_a_portal_in_order_has_no_problem(tmp_path):
    environment = environment_for(tmp_path)
    manage(["migrate", "--verbosity", "0"], environment)
    output = manage(["doctor"], environment)
    assert "read: app-config.yaml" in output
    assert "catalog.sqlite3 is migrated" in output
    assert "the store (memory) answers" in output
    assert output.endswith("No problem found.\n")


def test_servers_that_are_down_and_keys_that_do_nothing_are_named(tmp_path):
    config = tmp_path / "app-config.yaml"
    config.write_text("app: {title: Ours}\nnobodyKnows: {this: 1}\n")
    port = free_port()
    environment = environment_for(
        tmp_path,
        PORTAL_CONFIG=str(config),
        DATABASE_URL=f"postgresql://somebody:secret@127.0.0.1:{port}/",
        CACHE_URL=f"redis://127.0.0.1:{port}/0",
    )
    output = manage(["doctor"], environment, status=1)
    assert "these keys have no effect: nobodyKnows" in output
    assert f"at 127.0.0.1:{port} can't be reached" in output
    assert "→ start the server, or correct backend.cache or CACHE_URL" in output
    assert "secret" not in output


def test_an_examination_that_breaks_is_a_problem_and_not_the_end():
    def broken() -> Iterator[Finding]:
        yield Finding("ok", "so far so good")
        raise ImportError("no module named 'spoon'")

    assert [finding.level for finding in findings_of(broken)] == ["ok", "problem"]
    assert "ImportError: no module named 'spoon'" in list(findings_of(broken))[1].text


@pytest.mark.parametrize(
    ("database", "place"),
    [
        ({"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/db/catalog.sqlite3"}, "SQLite /srv/db/catalog.sqlite3"),
        (
            {"ENGINE": "django.db.backends.postgresql", "NAME": "x", "HOST": "db", "PORT": "5433", "PASSWORD": "p"},
            "postgresql x at db:5433",
        ),
    ],
)
def test_a_database_is_named_without_its_password(database, place):
    assert place_of(database) == place


@pytest.fixture
def task() -> ScheduledTask:
    soon = timezone.now() + timedelta(minutes=1)
    return ScheduledTask.objects.create(plugin_id="app", task_id="tidy", settings={}, next_run_start_at=soon)


@pytest.mark.django_db(databases="__all__")
def test_work_that_gets_done_is_well(task):
    assert [(finding.level, finding.text) for finding in background_work()] == [
        ("ok", "default: 1 scheduled tasks get done")
    ]


@pytest.mark.django_db(databases="__all__")
def test_work_that_is_due_and_not_done_is_a_problem(task):
    long_ago = timezone.now() - timedelta(hours=1)
    ScheduledTask.objects.update(next_run_start_at=long_ago)
    QueuedTask.objects.create(plugin_id="app", name="mail", payload={}, created_at=long_ago, run_at=long_ago)
    (finding,) = background_work()
    assert finding.level == "problem"
    assert "app:tidy since" in finding.text
    assert "1 queued tasks" in finding.text
    assert "manage.py worker" in finding.remedy


@pytest.mark.django_db(databases="__all__")
def test_work_that_runs_now_is_not_overdue(task):
    ScheduledTask.objects.update(next_run_start_at=timezone.now() - timedelta(hours=1), current_run_ticket="t")
    assert [finding.level for finding in background_work()] == ["ok"]


@pytest.mark.django_db(databases="__all__")
def test_a_run_that_failed_is_told_with_its_error(task):
    ScheduledTask.objects.update(last_run_error='{"name": "Error", "message": "no space"}')
    levels = {finding.level: finding.text for finding in background_work()}
    assert "no space" in levels["warning"]
