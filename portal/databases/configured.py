"""From ``backend.database`` and ``DATABASE_URL`` to Django's ``DATABASES``. Runs while settings load: plain functions
only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import environ

from portal.config import Config
from portal.errors import ConfigError

SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "portal.databases.postgresql"
MYSQL = "django.db.backends.mysql"
ENGINES = {
    "better-sqlite3": SQLITE,
    "sqlite3": SQLITE,
    "pg": POSTGRESQL,
    "postgresql": POSTGRESQL,
    "mysql": MYSQL,
    "mysql2": MYSQL,
}
#: The backends that django-environ names, and those that stand in their place.
BACKENDS = {SQLITE: SQLITE, "django.db.backends.postgresql": POSTGRESQL, MYSQL: MYSQL}
SCHEMA_PREFIX = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
MAX_POSTGRESQL_NAME = 63
DEFAULT_PREFIX = "backstage_plugin_"
#: Seconds that a connection is kept for the requests that follow.
CONN_MAX_AGE = 60
#: Seconds that a SQLite writer waits for another one before it gives up.
SQLITE_TIMEOUT = 20
SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"


def databases_from(
    config: Config, environ_vars: Mapping[str, str], plugins: Iterable[tuple[str, str]], *, data_dir: Path
) -> dict[str, dict[str, Any]]:
    """Return ``DATABASES``: an alias for each plugin, ``default`` for the core.

    ``plugins`` are pairs of plugin id and app label, the core (``app``) among them. ``DATABASE_URL`` takes the place of
    ``backend.database.{client,connection}``. Raises ``ConfigError`` naming the key.
    """
    database = config.child("backend.database")
    base_url = environ_vars.get("DATABASE_URL", "").strip()
    base = _from_url(base_url, "DATABASE_URL") if base_url else _from_config(database, "backend.database")
    result = {}
    for plugin_id, label in plugins:
        alias = "default" if plugin_id == "app" else label
        own = database.child(f"plugin.{plugin_id}")
        result[alias] = _for_plugin(plugin_id, base, own, database, data_dir)
    return result


def _from_url(url: str, where: str) -> dict[str, Any]:
    try:
        parsed = environ.Env.db_url_config(url)
    except Exception as error:
        # django-environ raises whatever its parsing trips over; the URL itself may hold a password and is not repeated.
        raise ConfigError(
            f"{where} is not a database URL; one looks like postgresql://user:password@host:5432."
        ) from error
    parsed["ENGINE"] = engine = BACKENDS.get(parsed.get("ENGINE", ""))
    if engine is None:
        scheme = urlsplit(url).scheme
        raise ConfigError(f"{where} has the scheme '{scheme}'; supported are postgresql, sqlite and mysql.")
    # psycopg takes a socket directory as host; libpq's form puts it into the query, where django-environ leaves it.
    options = parsed.get("OPTIONS", {})
    host = parse_qs(urlsplit(url).query).get("host")
    if host:
        parsed["HOST"] = host[0]
        options.pop("host", None)
    if "prepare_threshold" in options:
        options["prepare_threshold"] = _threshold(str(options["prepare_threshold"]), where)
    return dict(parsed)


def _threshold(given: str, where: str) -> int | None:
    """Read psycopg's option, which is a number or None."""
    if given.lower() == "none":
        return None
    if not given.isdecimal():
        raise ConfigError(f"{where} has prepare_threshold={given}; it must be a number, or none to prepare nothing.")
    return int(given)


def _from_config(config: Config, where: str) -> dict[str, Any]:
    """Turn ``{client, connection}`` into a Django database; without a client: SQLite in the data folder."""
    client = config.get_str("client", default="better-sqlite3")
    if client == "embedded-postgres":
        raise ConfigError(
            f"{where}.client is 'embedded-postgres', which this portal doesn't bundle; use 'better-sqlite3' "
            "for an embedded "
            f"database, or 'pg' with a connection."
        )
    if client not in ENGINES:
        raise ConfigError(f"{where}.client is '{client}'; supported are {', '.join(sorted(ENGINES))}.")
    engine = ENGINES[client]
    connection = config.get("connection")
    if engine == SQLITE:
        return {"ENGINE": SQLITE, **_sqlite_place(connection, where)}
    if isinstance(connection, str):
        return _from_url(connection, f"{where}.connection")
    if not isinstance(connection, Mapping):
        raise ConfigError(
            f"{where}.connection is missing; client '{client}' needs a URL or {{host, port, user, password}}."
        )
    kind = connection.get("type", "default")
    if kind != "default":
        raise ConfigError(
            f"{where}.connection.type is '{kind}', which isn't supported; use 'default' with a user and password."
        )
    database: dict[str, Any] = {
        "ENGINE": engine,
        "NAME": connection.get("database", ""),
        "USER": connection.get("user", ""),
        "PASSWORD": str(connection.get("password", "")),
        "HOST": connection.get("host", ""),
        "PORT": str(connection.get("port", "")),
    }
    if engine == POSTGRESQL:
        database["OPTIONS"] = _ssl_options(connection.get("ssl"), where)
    return database


def _sqlite_place(connection: Any, where: str) -> dict[str, Any]:
    if connection in (None, {}):
        return {}
    if connection == ":memory:" or (isinstance(connection, Mapping) and connection.get("filename") == ":memory:"):
        # Backstage's default for development. Here threads and processes share a database, which memory can't be: the
        # usual files serve as well.
        return {}
    if isinstance(connection, Mapping) and isinstance(connection.get("directory"), str):
        return {"DIRECTORY": connection["directory"]}
    raise ConfigError(
        f"{where}.connection doesn't fit SQLite: each plugin has a file of its own, so give "
        f"{{directory: <folder>}} or ':memory:'."
    )


def _ssl_options(ssl: Any, where: str) -> dict[str, Any]:
    if ssl in (None, False):
        return {}
    if ssl is True:
        return {"sslmode": "require"}
    if isinstance(ssl, Mapping):
        options = {"sslmode": "verify-ca" if ssl.get("rejectUnauthorized", True) else "require"}
        if "ca" in ssl:
            raise ConfigError(
                f"{where}.connection.ssl.ca must be a file here: set PGSSLROOTCERT to its path and leave 'ca' out."
            )
        return options
    raise ConfigError(f"{where}.connection.ssl must be true, false or an object.")


def _for_plugin(plugin_id: str, base: dict[str, Any], own: Config, shared: Config, data_dir: Path) -> dict[str, Any]:
    where = f"backend.database.plugin.{plugin_id}"
    named = False
    if own.has("client") or own.has("connection"):
        if own.has("client") and ENGINES.get(own.get_str("client")) != base["ENGINE"]:
            database = _from_config(own, where)
        else:
            database = _overlaid(base, own, where)
        named = bool(own.get("connection.database")) or isinstance(own.get("connection"), str)
    else:
        database = dict(base)
    database = {**database, "OPTIONS": dict(database.get("OPTIONS", {}))}
    if database["ENGINE"] == SQLITE:
        return _sqlite(plugin_id, database, shared, data_dir)
    return _server(plugin_id, database, own, shared, named=named)


def _overlaid(base: dict[str, Any], own: Config, where: str) -> dict[str, Any]:
    connection = own.get("connection")
    if isinstance(connection, str) and base["ENGINE"] != SQLITE:
        return _from_url(connection, f"{where}.connection")
    if base["ENGINE"] == SQLITE:
        return {**base, "NAME": "", **_sqlite_place(connection, where)}
    keys = {"database": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = connection if isinstance(connection, Mapping) else {}
    return {**base, **{django: str(given[key]) for key, django in keys.items() if key in given}}


def _sqlite(plugin_id: str, database: dict[str, Any], shared: Config, data_dir: Path) -> dict[str, Any]:
    if shared.get_str("pluginDivisionMode", default="database") == "schema":
        raise ConfigError(
            "backend.database.pluginDivisionMode 'schema' needs PostgreSQL; SQLite has one file for each plugin."
        )
    directory = database.pop("DIRECTORY", None)
    name = (database.get("NAME") or "").removeprefix(":memory:")
    # A SQLite URL names a folder or a file; each plugin gets a file of its own beside the others.
    folder = Path(directory or (Path(name).parent if Path(name).suffix else name) or "db")
    if not directory and not name:
        folder = data_dir / "db"
    folder = folder if folder.is_absolute() else data_dir / folder
    name = str(folder / f"{plugin_id}.sqlite3")
    options = {"transaction_mode": "IMMEDIATE", "timeout": SQLITE_TIMEOUT, "init_command": SQLITE_PRAGMAS}
    # Opening the file, with its pragmas, takes longer than most questions do.
    return {"ENGINE": SQLITE, "NAME": name, "CONN_MAX_AGE": CONN_MAX_AGE, "OPTIONS": {**options, **database["OPTIONS"]}}


def _server(plugin_id: str, database: dict[str, Any], own: Config, shared: Config, *, named: bool) -> dict[str, Any]:
    mode = shared.get_str("pluginDivisionMode", default="database")
    if mode not in {"database", "schema"}:
        raise ConfigError(f"backend.database.pluginDivisionMode is '{mode}'; it must be 'database' or 'schema'.")
    options = database["OPTIONS"]
    database.setdefault("CONN_MAX_AGE", CONN_MAX_AGE)
    database.setdefault("CONN_HEALTH_CHECKS", True)
    portal: dict[str, Any] = {"ensure_exists": _own_or_shared(own, shared, "ensureExists", default=True)}
    if database["ENGINE"] == POSTGRESQL:
        options.setdefault("application_name", f"backstage_plugin_{plugin_id}")
    if mode == "schema":
        if database["ENGINE"] != POSTGRESQL:
            raise ConfigError("backend.database.pluginDivisionMode 'schema' needs PostgreSQL (client 'pg').")
        schema = _checked_schema(shared.get_str("schemaPrefix", default=""), plugin_id)
        options["options"] = f"{options.get('options', '')} -c search_path={schema}".strip()
        portal["schema"] = schema
        portal["ensure_exists"] |= _own_or_shared(own, shared, "ensureSchemaExists", default=False)
        # Aliases that differ only in their options count as one database to Django's test runner.
        database["TEST"] = {"NAME": f"test_{schema}"}
    elif not named:
        database["NAME"] = f"{shared.get_str('prefix', default=DEFAULT_PREFIX)}{plugin_id}"
    if not database.get("NAME"):
        raise ConfigError(
            "backend.database.connection.database is missing: in schema mode it names the one database of all plugins."
        )
    role = own.get_str("role", default=shared.get_str("role", default=""))
    if role:
        portal["role"] = role
        options["assume_role"] = role
    # Django ignores keys that it doesn't know; ensure_databases() reads this one.
    return {**database, "PORTAL": portal}


def _checked_schema(prefix: str, plugin_id: str) -> str:
    if prefix and not SCHEMA_PREFIX.fullmatch(prefix):
        raise ConfigError(
            f"backend.database.schemaPrefix is '{prefix}'; it must start with a letter or _ and hold letters, "
            "digits and _ only."
        )
    schema = f"{prefix}{plugin_id}"
    if len(schema.encode()) > MAX_POSTGRESQL_NAME:
        raise ConfigError(
            f"The schema name '{schema}' is longer than PostgreSQL's {MAX_POSTGRESQL_NAME} bytes; shorten schemaPrefix."
        )
    return schema


def _own_or_shared(own: Config, shared: Config, key: str, *, default: bool) -> bool:
    """Return a switch as the plugin has it, else as all plugins have it."""
    return own.get_bool(key, default=shared.get_bool(key, default=default))
