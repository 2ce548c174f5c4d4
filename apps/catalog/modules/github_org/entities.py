"""Users and Groups, made of what GitHub says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.catalog.modules.github_org.conf import GithubOrgConfig
from portal.entities import ANNOTATION_EDIT_URL, ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION, Entity

API_VERSION = "backstage.io/v1alpha1"


def namespace_of(org: str, config: GithubOrgConfig) -> str:
    """Return the namespace of an organisation's groups."""
    return "default" if config.default_namespace else org.lower()


def group_ref(org: str, slug: str, config: GithubOrgConfig) -> str:
    """Return the ref of the group that a team becomes."""
    return f"group:{namespace_of(org, config)}/{slug}".lower()


def user_ref(login: str) -> str:
    """Return the ref of the user that a member becomes."""
    return f"user:default/{login}".lower()


def membership(org: str, slug: str, config: GithubOrgConfig) -> str:
    """Return a team as a user's ``memberOf`` names it: short if it is in the user's own namespace."""
    namespace = namespace_of(org, config)
    return slug if namespace == "default" else f"{namespace}/{slug}"


def user_entity(node: dict[str, Any], *, member_of: Iterable[str], config: GithubOrgConfig) -> Entity:
    """Return the User that a member becomes."""
    login = node["login"]
    verified = node.get("organizationVerifiedDomainEmails") if config.verified_emails else None
    profile = {
        "displayName": node.get("name"),
        "email": verified[0] if verified else node.get("email"),
        "picture": node.get("avatarUrl"),
    }
    return {
        "apiVersion": API_VERSION,
        "kind": "User",
        "metadata": {
            "name": login,
            **_present(description=node.get("bio")),
            "annotations": {**_location(f"https://{config.host}/{login}"), "github.com/user-login": login},
        },
        "spec": {"profile": _present(**profile), "memberOf": list(member_of)},
    }


def group_entity(team: dict[str, Any], *, org: str, config: GithubOrgConfig) -> Entity:
    """Return the Group that a team becomes."""
    slug, namespace = team["slug"], namespace_of(org, config)
    annotations = {
        **_location(f"https://{config.host}/orgs/{org}/teams/{slug}"),
        "github.com/team-slug": team["combinedSlug"],
        **_present(**{ANNOTATION_EDIT_URL: team.get("editTeamUrl")}),
    }
    return {
        "apiVersion": API_VERSION,
        "kind": "Group",
        "metadata": {
            "name": slug,
            **({} if namespace == "default" else {"namespace": namespace}),
            **_present(description=team.get("description")),
            "annotations": annotations,
        },
        "spec": {
            "type": "team",
            "profile": _present(displayName=team.get("name"), picture=team.get("avatarUrl")),
            **_present(parent=(team.get("parentTeam") or {}).get("slug")),
            "children": [child["slug"] for child in team["childTeams"]["nodes"]],
            # Members are in the default namespace, whatever the group's is.
            "members": [f"default/{login}" for login in team["logins"]],
        },
    }


def _location(url: str) -> dict[str, str]:
    return {ANNOTATION_LOCATION: f"url:{url}", ANNOTATION_ORIGIN_LOCATION: f"url:{url}"}


def _present(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}
