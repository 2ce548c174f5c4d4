"""The core's own keys, as far as no room of the core declares them beside its code.

Backstage knows more keys than these. What isn't declared anywhere isn't served, and ``unserved_keys`` names it at
start-up.
"""

from __future__ import annotations

from typing import Final

from portal.config.keys import Key
from portal.config.section import Section

DEFAULT_BASE_URL: Final = "http://127.0.0.1:8000"


#: No address that a browser would run.
_LINK = {"type": "string", "pattern": r"^(https?://|mailto:|slack://|msteams:|tel:|/(?!/))"}
_SUPPORT = {
    "type": "object",
    "properties": {
        "url": _LINK,
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "title": {"type": "string", "minLength": 1},
                    "icon": {"type": "string"},
                    "links": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"url": _LINK, "title": {"type": "string", "minLength": 1}},
                            "required": ["url"],
                        },
                    },
                },
                "required": ["title"],
            },
        },
    },
}


class AppConf(Section):
    """The portal as its visitors see it."""

    prefix = "app"

    title = Key.string(
        "title",
        default="Greenroom",
        visibility="frontend",
        help="The portal's name, in the sidebar and in page titles.",
    )
    base_url = Key.string(
        "baseUrl",
        restart=True,
        default=DEFAULT_BASE_URL,
        visibility="frontend",
        help="The address under which visitors open the portal, without a slash at its end.",
    )
    support = Key.json(
        "support",
        default={},
        schema=_SUPPORT,
        deep_visibility="frontend",
        help="Where people find help: `{url, items: [{title, icon, links: [{url, title}]}]}`. The button *Support* "
        "beside the titles of pages shows it, and pages of errors lead to `url`.",
    )


class OrganizationConf(Section):
    """The organisation that the portal belongs to."""

    prefix = "organization"

    name = Key.string(
        "name", default=None, visibility="frontend", help="Its name, shown beside the portal's and on its own filters."
    )


class BackendConf(Section):
    """The server."""

    prefix = "backend"

    base_url = Key.string(
        "baseUrl",
        restart=True,
        default=None,
        visibility="frontend",
        help="The address of the API as browsers reach it, without `/api`. Without it: `app.baseUrl`.",
    )
    listen = Key.json(
        "listen",
        restart=True,
        default=None,
        help="Where the server listens: `':<port>'`, `'<host>:<port>'` or `{host, port}`. `HOST` and `PORT` of `make "
        "run` and `make serve` come first.",
    )
    https = Key.json(
        "https",
        default=None,
        secrets=["certificate.key"],
        help="Set it (`true`, or Backstage's `{certificate}`) where TLS is spoken at `backend.listen`: plugins then "
        "ask each other by `https` there. The portal's own server speaks plain HTTP.",
    )
    plugins = Key.strings(
        "plugins",
        restart=True,
        default=[],
        help="Plugins to install besides the built-in ones: dotted paths of Python packages, as in `INSTALLED_APPS`.",
    )
    csp = Key.json(
        "csp",
        restart=True,
        default={},
        help="Content-Security-Policy: by directive, a list of sources, or `false` to remove what the portal sets.",
    )
    referrer_policy = Key.string(
        "referrer.policy", restart=True, default="same-origin", help="The `Referrer-Policy` header of every answer."
    )
    trust_proxy = Key.json(
        "trustProxy",
        restart=True,
        default=None,
        help="Set it to `true` behind a reverse proxy: its `X-Forwarded-Host` and `X-Forwarded-Proto` are believed.",
    )
    auditor_levels = Key.json(
        "auditor.severityLogLevelMappings",
        restart=True,
        default={},
        help="At which level audit events are logged, by severity: `{low, medium, high, critical}` to `debug`, `info`, "
        "`warn` or `error`. By default `low` is `debug` and the rest `info`.",
    )
    log_level = Key.choice(
        "logger.level",
        restart=True,
        choices=("debug", "info", "warn", "warning", "error"),
        default="info",
        help="The least level that is logged. The environment variable `LOG_LEVEL` comes first.",
    )
    packages = Key.ignored(
        "packages", help="Selects packages of a Node.js build. Plugins are installed by `backend.plugins` here."
    )


class CorsConf(Section):
    """Which other sites may call the API from a browser. Without this section: none."""

    prefix = "backend.cors"

    origin = Key.json("origin", default=None, help="An origin, a list of origins, or `true` for any.")
    methods = Key.json("methods", default=None, help="Allowed methods: a list, or one string with commas.")
    allowed_headers = Key.json("allowedHeaders", default=None, help="Request headers that may be sent: likewise.")
    exposed_headers = Key.json("exposedHeaders", default=None, help="Response headers that may be read: likewise.")
    credentials = Key.boolean("credentials", default=False, help="Whether cookies may be sent along.")
    max_age = Key.integer("maxAge", default=None, help="For how many seconds browsers may keep a preflight's answer.")
    preflight_continue = Key.ignored("preflightContinue", help="A detail of Node.js middleware.")
    options_success_status = Key.ignored("optionsSuccessStatus", help="A detail of Node.js middleware.")


class BackendAuthConf(Section):
    """Who may call the API."""

    prefix = "backend.auth"

    disable_default_policy = Key.boolean(
        "dangerouslyDisableDefaultAuthPolicy",
        default=False,
        help="Let every request in, with or without credentials. For trying out and for tests only.",
    )
    external_access = Key.json(
        "externalAccess",
        default=[],
        secrets=["[].options.token", "[].options.secret"],
        help="Tokens for programs: a list of `{type: static, options: {token, subject}, accessRestrictions}`. A token "
        "has at least 8 characters and no white space.",
    )


class DatabaseConf(Section):
    """Where plugins keep their data: each has a database, or a schema, of its own. `DATABASE_URL` comes first."""

    prefix = "backend.database"
    restart = True

    client = Key.choice(
        "client",
        choices=("better-sqlite3", "sqlite3", "pg", "postgresql", "mysql", "mysql2"),
        default="better-sqlite3",
        help="The kind of database.",
    )
    connection = Key.json(
        "connection",
        default=None,
        visibility="secret",
        help="How to reach the server: a URL, or `{host, port, user, password, database, ssl}`. For SQLite: "
        "`{directory}`, relative to the data folder; `':memory:'` is taken for the default files.",
    )
    name_prefix = Key.string(
        "prefix", default="backstage_plugin_", help="A plugin's database is named so, followed by the plugin's id."
    )
    division_mode = Key.choice(
        "pluginDivisionMode",
        choices=("database", "schema"),
        default="database",
        help="Whether plugins are kept apart by databases, or by schemas of one database (PostgreSQL only).",
    )
    schema_prefix = Key.string(
        "schemaPrefix", default="", help="A plugin's schema is named so, followed by the plugin's id, in schema mode."
    )
    ensure_exists = Key.boolean("ensureExists", default=True, help="Create databases that don't exist.")
    ensure_schema_exists = Key.boolean("ensureSchemaExists", default=False, help="Create schemas that don't exist.")
    role = Key.string("role", default=None, help="The role that owns what is created (PostgreSQL only).")
    plugin = Key.json(
        "plugin",
        default={},
        secrets=["*.connection"],
        help="By plugin id: any of the keys above, for that plugin only.",
    )
    knex_config = Key.ignored("knexConfig", help="Options of a Node.js library.")


class CacheConf(Section):
    """Where plugins cache. `CACHE_URL` comes first. A cache that is down costs time, never a page."""

    prefix = "backend.cache"
    restart = True

    store = Key.choice(
        "store",
        choices=("memory", "memcache", "redis", "valkey", "infinispan"),
        default="memory",
        help="The kind of cache. `memory` is one for each process.",
    )
    connection = Key.json(
        "connection",
        default=None,
        visibility="secret",
        help="How to reach it: `redis://user:password@host:port`, `user:password@host:port` for memcache, or `{url, "
        "…}` for Redis.",
    )
    default_ttl = Key.duration(
        "defaultTtl",
        default=None,
        bare_numbers="milliseconds",
        help="How long values are kept that were stored without a limit. Without it: for ever.",
    )
    redis = Key.json(
        "redis", default={}, help="Options for Redis: `{client: {namespace, keyPrefixSeparator, …}, cluster}`."
    )
    valkey = Key.json("valkey", default={}, help="Options for Valkey: `{client: {keyPrefix}, cluster}`.")
    infinispan = Key.json(
        "infinispan",
        default={},
        help="Options for Infinispan: `{cacheName, servers, authentication: {userName, password}, ssl, …}`.",
    )
    use_redis_sets = Key.ignored("useRedisSets", help="Has had no effect in Backstage for a long time either.")


class ReadingConf(Section):
    """What the portal may read from other hosts, on behalf of catalog files and placeholders in them."""

    prefix = "backend.reading"

    allow = Key.json(
        "allow",
        default=[],
        help="A list of `{host, paths}`. The host may be `*.example.com`, and have a `:port` or a range `:from-to`; "
        "without one only the usual ports match. `paths` are prefixes that end at a `/`. Redirects have to be "
        "allowed too.",
    )


class DiscoveryConf(Section):
    """Where plugins are that this process doesn't serve itself."""

    prefix = "discovery"

    endpoints = Key.json(
        "endpoints",
        default=[],
        help="A list of `{target, plugins}`: the base URL of these plugins' APIs, or `{internal, external}`, with "
        "`{{pluginId}}` where the id belongs.",
    )


class AuthConf(Section):
    """How people sign in."""

    prefix = "auth"

    environment = Key.string(
        "environment", default="development", help="Which part of each provider's configuration applies."
    )
    guest_entity_ref = Key.string(
        "providers.guest.userEntityRef", default="user:development/guest", help="The user that a guest acts as."
    )
    guest_ownership_refs = Key.strings(
        "providers.guest.ownershipEntityRefs",
        default=None,
        help="What a guest counts as an owner of. Without it: that user.",
    )
    guest_outside_development = Key.boolean(
        "providers.guest.dangerouslyAllowOutsideDevelopment",
        default=False,
        help="Let guests in outside development too: everybody who reaches the portal then acts as that user.",
    )


class PermissionConf(Section):
    """Who may do what."""

    prefix = "permission"

    enabled = Key.boolean(
        "enabled",
        default=False,
        visibility="frontend",
        help="Ask the permission policy. Without it everything is allowed.",
    )
