"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from apps.catalog.modules.provider_config import provider_configs, schedule_of
from portal.config import Config, Key, Section
from portal.config.paths import parse_path
from portal.errors import ConfigError

PORTS = {"ldap": 389, "ldaps": 636}
SCOPES = ("base", "one", "sub")
#: The attributes of an entry and those that the server keeps about it.
ALL_ATTRIBUTES = ("*", "+")
PAGE_SIZE = 500
#: Which attributes become which fields.
USER_MAP = {
    "rdn": "uid",
    "name": "uid",
    "description": None,
    "displayName": "cn",
    "email": "mail",
    "picture": None,
    "memberOf": "memberOf",
}
GROUP_MAP = {
    "rdn": "cn",
    "name": "cn",
    "description": "description",
    "displayName": "cn",
    "email": None,
    "picture": None,
    "type": "groupType",
    "memberOf": "memberOf",
    "members": "member",
}


class LdapOrgConf(Section):
    """Users and groups of LDAP directories, with the module `apps.catalog.modules.ldap`."""

    prefix = "catalog.providers"

    ldap_org = Key.json(
        "ldapOrg",
        default={},
        secrets=("bind.secret", "*.bind.secret"),
        help="One provider, or a map of ids to providers: `{target, bind: {dn, secret}, tls: {rejectUnauthorized, "
        "keys, certs}, users, groups, vendor: {dnAttributeName, uuidAttributeName}, schedule: {frequency, timeout, "
        "initialDelay, scope}}`. `users` and `groups` are objects or lists of them: `{dn, options: {scope, filter, "
        "attributes, paged, sizeLimit, timeLimit, derefAliases, typesOnly}, set, map}`. `map` names the attributes for "
        "`rdn, name, description, displayName, email, picture, memberOf`, of groups also `type, members`; `false` "
        "takes nothing, as `null` does in a list. `set` maps paths in the entity, such as `metadata.namespace`, to "
        "values. Without `bind` it asks as nobody. Without a `schedule` it runs every 30 minutes.",
    )


conf = LdapOrgConf()


@dataclass(frozen=True)
class Bind:
    """As whom the directory is asked."""

    dn: str
    secret: str


@dataclass(frozen=True)
class Encryption:
    """How a server at ``ldaps://`` is believed, and believes the portal. The files are in PEM format."""

    verify: bool = True
    certificate_file: str | None = None
    key_file: str | None = None


@dataclass(frozen=True)
class SearchOptions:
    """How entries are searched for."""

    scope: str
    filter: str
    attributes: tuple[str, ...]
    #: None: all in one answer.
    page_size: int | None
    #: 0: as many entries, and as many seconds, as the server allows.
    size_limit: int
    time_limit: int
    #: 0 never, 1 in searching, 2 in finding the base, 3 always.
    dereference: int
    types_only: bool


@dataclass(frozen=True)
class EntriesConfig:
    """Which entries become users, or groups, and how."""

    kind: Literal["user", "group"]
    #: Where it is configured, for messages: ``catalog.providers.ldapOrg.acme.users[0]``.
    key: str
    dn: str
    options: SearchOptions
    #: Paths in the entity, and what is put there.
    set: Mapping[str, Any]
    #: Fields and the attributes that they are from; None takes nothing.
    map: Mapping[str, str | None]

    @classmethod
    def read_all(cls, kind: Literal["user", "group"], key: str, entry: Config) -> tuple[EntriesConfig, ...]:
        """Read ``users`` or ``groups``, which may be one object or a list. Raises ``ConfigError``."""
        name = f"{kind}s"
        if isinstance(entry.get(name), list):
            views = entry.children(name)
            return tuple(cls._read(kind, f"{key}.{name}[{at}]", view) for at, view in enumerate(views))
        return (cls._read(kind, f"{key}.{name}", entry.child(name)),) if entry.has(name) else ()

    @classmethod
    def _read(cls, kind: Literal["user", "group"], key: str, entry: Config) -> EntriesConfig:
        return cls(kind, key, entry.get_str("dn"), _options(entry), _set(entry), _map(kind, entry))


@dataclass(frozen=True)
class LdapProviderConfig:
    """One provider's section."""

    id: str
    #: Where it is configured, for messages.
    key: str
    target: str
    host: str
    port: int
    encrypted: bool
    encryption: Encryption
    #: None: as nobody.
    bind: Bind | None
    users: tuple[EntriesConfig, ...]
    groups: tuple[EntriesConfig, ...]
    #: Attributes in the place of those that the server's vendor has.
    dn_attribute: str | None
    uuid_attribute: str | None
    schedule: Mapping[str, Any]

    @classmethod
    def read(cls, id: str, key: str, entry: Config) -> LdapProviderConfig:
        """Read a section. Raises ``ConfigError`` for the first mistake in it."""
        target = entry.get_str("target").rstrip("/")
        scheme, host, port = _address(entry, target)
        bound = entry.has("bind")
        return cls(
            id=id,
            key=key,
            target=target,
            host=host,
            port=port,
            encrypted=scheme == "ldaps",
            encryption=_encryption(entry),
            bind=Bind(entry.get_str("bind.dn"), entry.get_str("bind.secret")) if bound else None,
            users=EntriesConfig.read_all("user", key, entry),
            groups=EntriesConfig.read_all("group", key, entry),
            dn_attribute=entry.get_str("vendor.dnAttributeName", None),
            uuid_attribute=entry.get_str("vendor.uuidAttributeName", None),
            schedule=schedule_of(entry),
        )


def read_configs() -> list[LdapProviderConfig]:
    """Return the configured providers."""
    section = conf.config.child("catalog.providers.ldapOrg")
    single = section.has("target")
    return [
        LdapProviderConfig.read(name, "catalog.providers.ldapOrg" + ("" if single else f".{name}"), entry)
        for name, entry in provider_configs(section, single_if=("target",))
    ]


def _address(entry: Config, target: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(target)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if parts.scheme not in PORTS or not host or parts.path or parts.query:
        raise entry.error("target", "must be a server's URL, such as ldaps://ds.example.com or ldap://localhost:389.")
    return parts.scheme, host, port or PORTS[parts.scheme]


def _encryption(entry: Config) -> Encryption:
    found = Encryption(
        verify=entry.get_bool("tls.rejectUnauthorized", True),
        certificate_file=entry.get_str("tls.certs", None),
        key_file=entry.get_str("tls.keys", None),
    )
    if found.key_file and not found.certificate_file:
        raise entry.error("tls.keys", "is the key of a certificate, and there is none. Set tls.certs to its file.")
    return found


def _options(entry: Config) -> SearchOptions:
    scope = entry.get_str("options.scope", "one")
    if scope not in SCOPES:
        raise entry.error("options.scope", f"must be one of {', '.join(SCOPES)}; found '{scope}'.")
    attributes = entry.get("options.attributes", list(ALL_ATTRIBUTES))
    if isinstance(attributes, list):
        attributes = entry.get_strings("options.attributes", list(ALL_ATTRIBUTES))
    else:
        attributes = [entry.get_str("options.attributes")]
    dereference = entry.get_int("options.derefAliases", 0)
    if not 0 <= dereference <= 3:
        raise entry.error("options.derefAliases", "must be 0 (never), 1 (in searching), 2 (in finding) or 3 (always).")
    return SearchOptions(
        scope=scope,
        filter=_one_line(entry.get_str("options.filter", "(objectClass=*)")),
        attributes=tuple(attributes),
        page_size=_page_size(entry),
        size_limit=_count(entry, "options.sizeLimit", 0, least=0),
        time_limit=_count(entry, "options.timeLimit", 0, least=0),
        dereference=dereference,
        types_only=entry.get_bool("options.typesOnly", False),
    )


def _page_size(entry: Config) -> int | None:
    if isinstance(entry.get("options.paged"), dict):
        return _count(entry, "options.paged.pageSize", PAGE_SIZE, least=1)
    return PAGE_SIZE if entry.get_bool("options.paged", False) else None


def _count(entry: Config, key: str, default: int, *, least: int) -> int:
    number = entry.get_int(key, default)
    if number < least:
        raise entry.error(key, f"must be {least} or more.")
    return number


def _one_line(filter: str) -> str:
    """Return a filter without the white space before its brackets, with which it may be written in several lines."""
    return re.sub(r"\s*([()])", r"\1", filter).strip()


def _set(entry: Config) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if entry.has("set"):
        entry.child("set")
        found = entry.get("set")
    for path in found:
        try:
            parse_path(path)
        except ConfigError as error:
            raise entry.error(
                "set", f"has a path that is none: '{path}'. Write it as in metadata.namespace."
            ) from error
    return found


def _map(kind: str, entry: Config) -> dict[str, str | None]:
    defaults: Mapping[str, str | None] = USER_MAP if kind == "user" else GROUP_MAP
    entry.child("map")
    written = entry.get("map", {})
    if unknown := sorted(written.keys() - defaults.keys()):
        raise entry.error("map", f"knows no field '{unknown[0]}'. It may have {', '.join(defaults)}.")
    # Null counts as absent except in a list, so there is another way to say it.
    left_out = {field for field in written if written[field] is None or written[field] is False} - {"name"}
    return {
        field: None if field in left_out else entry.get_str(f"map.{field}", default)
        for field, default in defaults.items()
    }
