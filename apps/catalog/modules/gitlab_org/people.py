"""Users, groups and who belongs to which, as GitLab's API shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from apps.catalog.modules.gitlab.conf import GitlabProviderConfig
from apps.catalog.modules.gitlab_api import GitLabApi, encoded
from apps.catalog.modules.gitlab_org.conf import PUBLIC_HOST
from apps.catalog.modules.parallel import in_parallel

#: What tokens of groups and projects are called: they look like users.
BOT = re.compile(r"(?:project|group)_\w+_bot(?:_\w+)?")
#: Ways to belong to a group that GitLab tells of in the list of all members alone.
INDIRECT = {"INHERITED", "SHARED_FROM_GROUPS"}

Node = dict[str, Any]


def wanted_users(api: GitLabApi, config: GitlabProviderConfig) -> Iterator[Node]:
    """Yield the users that a provider is for: of the whole instance, or those of its group."""
    for user in _listed_users(api, config):
        known_as = user.get("email") or user["username"]
        if (
            user["state"] == "active"
            and not BOT.fullmatch(user["username"])
            and (config.user_pattern is None or config.user_pattern.search(known_as))
        ):
            yield user


def wanted_groups(api: GitLabApi, config: GitlabProviderConfig) -> Iterator[Node]:
    """Yield the groups below the configured one, or all, as far as the patterns let them through."""
    path = f"groups/{encoded(config.group)}/descendant_groups" if config.group else "groups"
    return (group for group in api.pages(path) if config.wants_group(group["full_path"]))


def members_of(api: GitLabApi, config: GitlabProviderConfig, groups: Iterable[Node]) -> dict[str, set[int]]:
    """Return the ids of those who belong to each group, by its path, in the ways that the configuration names."""
    listed = "members/all" if config.relations & INDIRECT else "members"

    def ask(path: str) -> set[int]:
        return {user["id"] for user in api.pages(f"groups/{encoded(path)}/{listed}")}

    members = dict(in_parallel(ask, [group["full_path"] for group in groups]))
    if "DESCENDANTS" not in config.relations:
        return members
    return {
        path: own.union(*(theirs for other, theirs in members.items() if other.startswith(f"{path}/")))
        for path, own in members.items()
    }


def _listed_users(api: GitLabApi, config: GitlabProviderConfig) -> Iterator[Node]:
    if config.host != PUBLIC_HOST and not (config.restrict_users and config.group):
        yield from api.pages("users", active="true", without_project_bots="true")
        return
    # On gitlab.com a company is the group at the top.
    group = config.group if config.restrict_users else config.group.partition("/")[0]
    for user in api.pages(f"groups/{encoded(group)}/members/all", show_seat_info="true"):
        # Without seats, as in free plans, everybody counts.
        if config.users_without_seat or user.get("is_using_seat", True):
            yield user
