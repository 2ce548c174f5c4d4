"""One database for each plugin: where it is, what goes into it, and what a transaction guards."""

from __future__ import annotations

import json
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from apps.catalog.models import Location, RefreshState
from portal.config import Config
from portal.databases import PluginRouter, alias_for, atomic_for, databases_from, on_commit_for
from portal.errors import ConfigError
from tests.journeys.portal import environment_for, manage

PLUGINS = [("app", "portal"), ("catalog", "catalog"), ("tech-radar", "tech_radar")]


def databases(database: Any = None, *, url: str = "", data_dir: Path = Path("/data")) -> dict[str, dict[str, Any]]:
    """Return ``DATABASES`` for a ``backend.database`` and a ``DATABASE_URL``."""
    config = Config.of({"backend": {"database": database}} if database is not None else {})
    environ = {"DATABASE_URL": url} if url else {}
    return databases_from(config, environ, PLUGINS, data_dir=data_dir)


class TestWhere:
    """From configuration to addresses."""

    def test_by_default_each_plugin_has_a_sqlite_file_in_the_data_folder(self) -> None:
        found = databases()
        assert {alias: database["NAME"] for alias, database in found.items()} == {
            "default": "/data/db/app.sqlite3",
            "catalog": "/data/db/catalog.sqlite3",
            "tech_radar": "/data/db/tech-radar.sqlite3",
        }
        assert found["catalog"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"

    def test_a_postgresql_url_gives_each_plugin_a_database_with_the_prefix(self) -> None:
        found = databases(url="postgresql://jane:secret@db.example:5433/ignored")
        catalog = found["catalog"]
        assert catalog["NAME"] == "backstage_plugin_catalog"
        assert found["tech_radar"]["NAME"] == "backstage_plugin_tech-radar"
        assert found["default"]["NAME"] == "backstage_plugin_app"
        assert (catalog["HOST"], str(catalog["PORT"]), catalog["USER"]) == ("db.example", "5433", "jane")
        assert catalog["OPTIONS"]["application_name"] == "backstage_plugin_catalog"

    def test_a_socket_directory_in_the_url_is_the_host(self) -> None:
        assert databases(url="postgresql://jane@/x?host=/run/pg")["catalog"]["HOST"] == "/run/pg"

    @pytest.mark.parametrize(("given", "threshold"), [("none", None), ("None", None), ("0", 0), ("7", 7)])
    def test_a_pooler_may_want_nothing_prepared(self, given: str, threshold: int | None) -> None:
        found = databases(url=f"postgresql://jane@db/x?prepare_threshold={given}")
        assert found["catalog"]["OPTIONS"]["prepare_threshold"] == threshold

    def test_the_url_beats_the_configuration(self) -> None:
        found = databases({"client": "better-sqlite3", "prefix": "gr_"}, url="postgresql://db.example/x")
        assert found["catalog"]["ENGINE"].endswith("postgresql")
        assert found["catalog"]["NAME"] == "gr_catalog"

    def test_backstages_connection_object_is_read(self) -> None:
        connection = {"host": "db", "port": 5432, "user": "u", "password": "p", "ssl": True}
        catalog = databases({"client": "pg", "connection": connection})["catalog"]
        assert (catalog["HOST"], catalog["PORT"], catalog["USER"], catalog["PASSWORD"]) == ("db", "5432", "u", "p")
        assert catalog["OPTIONS"]["sslmode"] == "require"

    def test_a_plugin_may_have_a_connection_of_its_own(self) -> None:
        found = databases(
            {
                "client": "pg",
                "connection": "postgresql://u:p@db/x",
                "plugin": {
                    "catalog": {"connection": {"database": "mine", "host": "other"}},
                    "tech-radar": {"client": "better-sqlite3", "connection": {"directory": "radar"}},
                },
            }
        )
        assert (found["catalog"]["NAME"], found["catalog"]["HOST"]) == ("mine", "other")
        assert found["catalog"]["USER"] == "u"
        assert found["tech_radar"]["NAME"] == "/data/radar/tech-radar.sqlite3"

    def test_schema_mode_puts_plugins_side_by_side_in_one_database(self) -> None:
        found = databases(
            {
                "client": "pg",
                "connection": {"host": "db", "database": "portal"},
                "pluginDivisionMode": "schema",
                "schemaPrefix": "gr_",
            }
        )
        assert {database["NAME"] for database in found.values()} == {"portal"}
        assert found["catalog"]["OPTIONS"]["options"] == "-c search_path=gr_catalog"
        assert len({database["TEST"]["NAME"] for database in found.values()}) == 3

    @pytest.mark.parametrize("connection", [":memory:", {"filename": ":memory:"}])
    def test_in_memory_means_the_default_files_since_processes_share_them(self, connection: Any) -> None:
        assert databases({"client": "better-sqlite3", "connection": connection}) == databases()
        assert databases(url="sqlite://:memory:") == databases()

    @pytest.mark.parametrize(
        ("settings", "ensured"),
        [
            ({}, True),
            ({"ensureExists": False}, False),
            ({"ensureExists": False, "ensureSchemaExists": True}, True),
            ({"ensureExists": False, "plugin": {"catalog": {"ensureSchemaExists": True}}}, True),
        ],
    )
    def test_schemas_are_ensured_by_either_switch(self, settings: dict[str, Any], ensured: bool) -> None:
        connection = {"host": "db", "database": "portal"}
        base = {"client": "pg", "connection": connection, "pluginDivisionMode": "schema"}
        assert databases(base | settings)["catalog"]["PORTAL"]["ensure_exists"] is ensured

    @pytest.mark.parametrize(
        ("database", "url", "words"),
        [
            ({"client": "oracle"}, "", "backend.database.client"),
            ({"client": "embedded-postgres"}, "", "embedded-postgres"),
            ({"client": "pg"}, "", "backend.database.connection"),
            ({"client": "pg", "connection": {"host": "h", "type": "rds"}}, "", "rds"),
            ({"connection": {"filename": "one.db"}}, "", "directory"),
            ({"pluginDivisionMode": "schema"}, "", "PostgreSQL"),
            ({"client": "pg", "connection": {"host": "h"}, "pluginDivisionMode": "schema"}, "", "database"),
            (
                {
                    "client": "pg",
                    "connection": {"host": "h", "database": "d"},
                    "pluginDivisionMode": "schema",
                    "schemaPrefix": "1x",
                },
                "",
                "schemaPrefix",
            ),
            (
                {
                    "client": "pg",
                    "connection": {"host": "h", "database": "d"},
                    "pluginDivisionMode": "schema",
                    "schemaPrefix": "x" * 60,
                },
                "",
                "63",
            ),
            ({"client": "pg", "connection": {"host": "h"}, "pluginDivisionMode": "x"}, "", "pluginDivisionMode"),
            (None, "oracle://jane:hunter2@db/x", "scheme"),
            (None, "not a url", "DATABASE_URL"),
            (None, "postgresql://jane:hunter2@db/x?prepare_threshold=often", "prepare_threshold=often"),
        ],
    )
    def test_a_mistake_is_named_with_its_key_and_without_secrets(self, database: Any, url: str, words: str) -> None:
        with pytest.raises(ConfigError, match=words) as caught:
            databases(database, url=url)
        assert "hunter2" not in str(caught.value)


class TestRouting:
    """Which model goes where."""

    def test_each_apps_models_live_with_their_plugin(self) -> None:
        assert alias_for(RefreshState) == "catalog"
        assert alias_for(User) == "default"

    def test_a_database_takes_its_own_apps_and_the_cores_only(self) -> None:
        router = PluginRouter()
        assert router.allow_migrate("catalog", "catalog")
        assert not router.allow_migrate("catalog", "auth")
        assert not router.allow_migrate("default", "catalog")
        assert router.allow_migrate("default", "portal")
        assert router.allow_migrate("catalog", "portal")

    def test_no_relation_spans_two_databases(self) -> None:
        assert PluginRouter().allow_relation(User(), RefreshState()) is False
        assert PluginRouter().allow_relation(Location(), RefreshState()) is True


@pytest.mark.django_db(databases=["default", "catalog"], transaction=True)
class TestTransactions:
    """``atomic_for`` guards the database that the model is in."""

    def fail_within(self, block: Any) -> None:
        """Write a row and fail, within a transaction."""
        with block:
            Location.objects.create(type="url", target="x", location_entity_ref="location:default/x")
            raise RuntimeError

    def test_a_failure_leaves_nothing_behind(self) -> None:
        with pytest.raises(RuntimeError):
            self.fail_within(atomic_for(Location))
        assert not Location.objects.exists()

    def test_a_bare_atomic_would_have_kept_it(self) -> None:
        with pytest.raises(RuntimeError):
            self.fail_within(transaction.atomic())
        assert Location.objects.exists()

    def test_what_waits_for_the_commit_runs_after_it(self) -> None:
        ran: list[str] = []
        with atomic_for(Location):
            on_commit_for(Location, lambda: ran.append("done"))
            assert ran == []
        assert ran == ["done"]


def tables_of(path: Path) -> set[str]:
    """Return the tables of a SQLite file."""
    connection = sqlite3.connect(path)
    try:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    finally:
        connection.close()


def test_migrate_makes_every_database_and_keeps_apps_apart(tmp_path: Path) -> None:
    manage(["migrate", "--verbosity", "0"], environment_for(tmp_path))
    core, catalog = (tables_of(tmp_path / "db" / f"{name}.sqlite3") for name in ("app", "catalog"))
    assert "auth_user" in core - catalog
    assert "catalog_finalentity" in catalog - core
    assert {name for name in core & catalog if name.startswith("portal_")}


@pytest.mark.postgres
@pytest.mark.parametrize("mode", ["database", "schema"])
def test_on_postgresql_what_is_missing_is_created(tmp_path: Path, postgres_url: str, mode: str) -> None:
    unique = f"t{uuid.uuid4().hex[:12]}_"
    settings = {"prefix": unique, "schemaPrefix": unique, "pluginDivisionMode": mode}
    config = tmp_path / "app-config.yaml"
    config.write_text(json.dumps({"backend": {"database": settings}}))
    environment = environment_for(tmp_path, DATABASE_URL=postgres_url, PORTAL_CONFIG=str(config))
    output = manage(["migrate"], environment)
    assert f"Created {mode} {unique}catalog" in output
    again = manage(["migrate"], environment)
    assert "Created" not in again
    assert "No migrations to apply" in again


def test_a_server_that_isnt_there_is_named_with_what_to_do(tmp_path: Path) -> None:
    environment = environment_for(tmp_path, DATABASE_URL="postgresql://jane:hunter2@127.0.0.1:1/x")
    output = manage(["migrate"], environment, status=1)
    assert "127.0.0.1" in output
    assert "Check that the server runs" in output
    assert "hunter2" not in output


@pytest.mark.postgres
def test_a_database_that_may_not_be_made_is_told_without_a_traceback(tmp_path: Path, postgres_url: str) -> None:
    config = tmp_path / "app-config.yaml"
    config.write_text(json.dumps({"backend": {"database": {"prefix": "nosuch_", "ensureExists": False}}}))
    environment = environment_for(tmp_path, DATABASE_URL=postgres_url, PORTAL_CONFIG=str(config))
    output = manage(["migrate"], environment, status=1)
    assert "nosuch_app" in output
    assert "doctor" in output
    assert "Traceback" not in output
