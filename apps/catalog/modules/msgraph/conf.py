"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.catalog.modules.provider_config import provider_configs, schedule_of
from portal.config import Config, Key, Section
from portal.integrations.base import base_url, secret

GRAPH = "https://graph.microsoft.com/v1.0"
AUTHORITY = "https://login.microsoftonline.com"


class MicrosoftGraphOrgConf(Section):
    """Users and groups of Microsoft Entra ID, with the module `apps.catalog.modules.msgraph`."""

    prefix = "catalog.providers"

    microsoft_graph_org = Key.json(
        "microsoftGraphOrg",
        default={},
        secrets=("clientSecret", "*.clientSecret"),
        help="One provider, or a map of ids to providers: `{target, authority, tenantId, clientId, clientSecret, "
        "queryMode, user: {expand, filter, search, select, path, loadPhotos}, userGroupMember: {filter, search, path}, "
        "group: {expand, filter, search, select, path, includeSubGroups}, schedule: {frequency, timeout, "
        "initialDelay, scope}}`. Filters and the like are Microsoft Graph's. With `userGroupMember` users are the "
        "members of the groups that it finds. Without `clientId` and `clientSecret` the portal shows the identity that "
        "Azure's programs find: the environment's, the machine's, somebody's own; that needs the extra `azure`. "
        "`queryMode` is `basic` or `advanced`. Without a `schedule` it runs every 30 minutes.",
    )


conf = MicrosoftGraphOrgConf()


@dataclass(frozen=True)
class Query:
    """Which users, or groups, are asked for. Filter, search and expand are as Microsoft Graph takes them."""

    path: str
    filter: str | None = None
    search: str | None = None
    expand: str | None = None
    #: Empty: what Microsoft Graph shows by itself.
    select: tuple[str, ...] = ()
    #: Whether it may ask for what takes Microsoft Graph longer; searches do in any case.
    advanced: bool = False


@dataclass(frozen=True)
class MicrosoftGraphConfig:
    """One provider's section."""

    id: str
    #: Where it is configured, for messages.
    key: str
    target: str
    authority: str
    tenant: str
    #: None: what Azure's programs find.
    client_id: str | None
    client_secret: str | None
    users: Query
    load_photos: bool
    #: The groups whose members are the users; None: all users that ``users`` finds.
    members_of: Query | None
    groups: Query
    include_sub_groups: bool
    schedule: Mapping[str, Any]

    @classmethod
    def read(cls, id: str, key: str, entry: Config) -> MicrosoftGraphConfig:
        """Read a section. Raises ``ConfigError`` for the first mistake in it."""
        client_id, client_secret = entry.get_str("clientId", None), secret(entry, "clientSecret")
        for name, has, other in (("clientId", client_id, client_secret), ("clientSecret", client_secret, client_id)):
            if other and not has:
                raise entry.error(name, "is missing, and its other half is there. Set both, or neither.")
        return cls(
            id=id,
            key=key,
            target=base_url(entry, "target", GRAPH),
            authority=base_url(entry, "authority", AUTHORITY),
            tenant=entry.get_str("tenantId"),
            client_id=client_id,
            client_secret=client_secret,
            users=_query(entry, "user", "users"),
            load_photos=entry.get_bool("user.loadPhotos", True),
            members_of=_members_of(entry),
            groups=_query(entry, "group", "groups"),
            include_sub_groups=entry.get_bool("group.includeSubGroups", False),
            schedule=schedule_of(entry),
        )


def read_configs() -> list[MicrosoftGraphConfig]:
    """Return the configured providers."""
    section, path = conf.config.child("catalog.providers.microsoftGraphOrg"), "catalog.providers.microsoftGraphOrg"
    single = section.has("tenantId") or section.has("clientId")
    found = [("default", section)] if single else provider_configs(section)
    return [MicrosoftGraphConfig.read(name, path if single else f"{path}.{name}", entry) for name, entry in found]


def _query(entry: Config, key: str, path: str) -> Query:
    mode = entry.get_str("queryMode", "basic")
    if mode not in {"basic", "advanced"}:
        raise entry.error("queryMode", f"must be 'basic' or 'advanced'; found '{mode}'.")
    select = entry.get_strings(f"{key}.select", [])
    return Query(
        path=entry.get_str(f"{key}.path", path).strip("/"),
        filter=entry.get_str(f"{key}.filter", None),
        search=entry.get_str(f"{key}.search", None),
        expand=entry.get_str(f"{key}.expand", None),
        # Memberships go by ids.
        select=tuple(dict.fromkeys([*select, "id"])) if select else (),
        advanced=mode == "advanced",
    )


def _members_of(entry: Config) -> Query | None:
    found = _query(entry, "userGroupMember", "groups")
    if not (found.filter or found.search or entry.has("userGroupMember.path")):
        return None
    for name in ("filter", "search"):
        if entry.has("user.filter") and entry.has(f"userGroupMember.{name}"):
            raise entry.error(
                f"userGroupMember.{name}",
                "chooses users by their groups, and user.filter does it otherwise. Leave one.",
            )
    return found
