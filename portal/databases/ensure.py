"""Make sure that each plugin's database is there: folders for SQLite, databases and schemas on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from portal.errors import ServiceUnavailableError

#: Errors of two processes that create the same thing at once: the other one won, which is as good.
DUPLICATES = {"42P04", "23505", "42P06"}


def ensure_databases(aliases: Iterable[str] | None = None) -> list[str]:
    """Create what is missing for the given aliases (default: all) and return what was created, in words.

    Raises ``ServiceUnavailableError`` naming what can't be reached or made, and what to check.
    """
    created = []
    for alias in aliases or settings.DATABASES:
        database = settings.DATABASES[alias]
        if database["ENGINE"].endswith("sqlite3"):
            created += _ensure_folder(str(database["NAME"]))
        elif database["ENGINE"].endswith("postgresql"):
            created += _ensure_postgresql(alias, database)
    return created


def _ensure_folder(name: str) -> list[str]:
    if name.startswith("file:"):
        # A database in memory, as tests have it.
        return []
    folder = Path(name).parent
    if folder.is_dir():
        return []
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ServiceUnavailableError(
            f"The folder {folder} for SQLite databases can't be made: {error.strerror}. Let this user write there, or "
            f"set PORTAL_DATA_DIR to a folder where it may.",
            cause=error,
        ) from error
    return [f"folder {folder}"]


def _ensure_postgresql(alias: str, database: dict[str, Any]) -> list[str]:
    import psycopg
    from psycopg import sql

    portal = database.get("PORTAL", {})
    if not portal.get("ensure_exists", False):
        return []
    parameters = connections[alias].get_connection_params()
    for django_only in ("context", "cursor_factory", "server_side_binding", "prepare_threshold", "pool", "assume_role"):
        parameters.pop(django_only, None)
    schema = portal.get("schema")
    name = database["NAME"]
    maintenance = name if schema else "postgres"
    try:
        with psycopg.connect(**{**parameters, "dbname": maintenance, "options": ""}, autocommit=True) as connection:
            if schema:
                found = connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema]).fetchone()
                statement = sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema))
                if portal.get("role"):
                    statement += sql.SQL(" AUTHORIZATION {}").format(sql.Identifier(portal["role"]))
            else:
                found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
                statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
            if found:
                return []
            connection.execute(statement)
    except psycopg.Error as error:
        if error.sqlstate in DUPLICATES:
            return []
        raise ServiceUnavailableError(
            f"Database '{name}' of '{alias}' at {database.get('HOST') or 'the local socket'} can't be "
            f"prepared: {error}. Check that the "
            "server runs and that the user may create databases, or create it yourself and set "
            "backend.database.ensureExists: false.",
            cause=error,
        ) from error
    return [f"schema {schema} in {name}" if schema else f"database {name}"]
