"""Members and teams of an organisation, as GitHub's GraphQL API shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from apps.catalog.modules.github_api import GitHubApi
from apps.catalog.modules.github_org.conf import GithubOrgConfig

Node = dict[str, Any]

_TEAM = """
fragment Fields on Team {
  slug combinedSlug name description avatarUrl editTeamUrl
  parentTeam { slug }
  childTeams(first: 100) { nodes { slug } }
  members(first: $memberSize, membership: IMMEDIATE) { nodes { login } pageInfo { hasNextPage endCursor } }
}
"""
_MEMBERS = """
query Members($org: String!, $cursor: String, $size: Int!) {
  organization(login: $org) {
    membersWithRole(first: $size, after: $cursor) { nodes { ...Person } pageInfo { hasNextPage endCursor } }
  }
}
"""
_MEMBER = """
query Member($org: String!, $login: String!) {
  user(login: $login) { ...Person organization(login: $org) { login } }
  organization(login: $org) { teams(first: 100, userLogins: [$login]) { nodes { slug } } }
}
"""
_TEAMS = (
    """
query Teams($org: String!, $cursor: String, $size: Int!, $memberSize: Int!) {
  organization(login: $org) {
    teams(first: $size, after: $cursor) { nodes { ...Fields } pageInfo { hasNextPage endCursor } }
  }
}
"""
    + _TEAM
)
_ONE_TEAM = (
    """
query Team($org: String!, $slug: String!, $memberSize: Int!) {
  organization(login: $org) { team(slug: $slug) { ...Fields } }
}
"""
    + _TEAM
)
_TEAM_MEMBERS = """
query TeamMembers($org: String!, $slug: String!, $cursor: String, $size: Int!) {
  organization(login: $org) {
    team(slug: $slug) {
      members(first: $size, after: $cursor, membership: IMMEDIATE) {
        nodes { login }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""


def all_members(api: GitHubApi, config: GithubOrgConfig) -> Iterator[Node]:
    """Yield the members of an organisation; raises like ``GitHubApi.pages``."""
    connection = _connection("membersWithRole")
    query = _MEMBERS + _person(api, config)
    members = api.pages(query, connection, org=api.account, size=config.members_page)
    return (member for member in members if not member.get("suspendedAt"))


def one_member(api: GitHubApi, config: GithubOrgConfig, login: str) -> tuple[Node, list[str]] | None:
    """Return a member and the slugs of the teams that it is in, None if it is no member (any more)."""
    data = api.query(_MEMBER + _person(api, config), org=api.account, login=login)
    user, organization = data.get("user"), data.get("organization")
    if not user or not organization or not user["organization"] or user.get("suspendedAt"):
        return None
    return user, [team["slug"] for team in organization["teams"]["nodes"]]


def all_teams(api: GitHubApi, config: GithubOrgConfig) -> Iterator[Node]:
    """Yield the teams of an organisation, each with the logins of all its own members under ``logins``."""
    sizes: Node = {"size": config.teams_page, "memberSize": config.team_members_page}
    for team in api.pages(_TEAMS, _connection("teams"), org=api.account, **sizes):
        yield _with_logins(api, config, team)


def one_team(api: GitHubApi, config: GithubOrgConfig, slug: str) -> Node | None:
    """Return a team as ``all_teams`` yields it, None if there is none."""
    data = api.query(_ONE_TEAM, org=api.account, slug=slug, memberSize=config.team_members_page)
    team = (data.get("organization") or {}).get("team")
    return _with_logins(api, config, team) if team else None


def _with_logins(api: GitHubApi, config: GithubOrgConfig, team: Node) -> Node:
    members = team["members"]
    logins = [member["login"] for member in members["nodes"]]
    if members["pageInfo"]["hasNextPage"]:
        variables: Node = {"org": api.account, "slug": team["slug"], "size": config.team_members_page}
        further = api.pages(
            _TEAM_MEMBERS,
            lambda data: ((data.get("organization") or {}).get("team") or {}).get("members"),
            start=members["pageInfo"]["endCursor"],
            **variables,
        )
        logins += [member["login"] for member in further]
    return {**team, "logins": logins}


def _connection(name: str) -> Callable[[Node], Node | None]:
    return lambda data: (data.get("organization") or {}).get(name)


def _person(api: GitHubApi, config: GithubOrgConfig) -> str:
    """Return what to ask about a person. GitHub refuses a query as a whole for one field that it hasn't."""
    fields = ["login name bio avatarUrl"]
    if not api.is_app:
        # Apps may not ask for it.
        fields.append("email")
    if config.exclude_suspended:
        # Only Enterprise Server suspends users.
        fields.append("suspendedAt")
    if config.verified_emails:
        fields.append("organizationVerifiedDomainEmails(login: $org)")
    return f"fragment Person on User {{ {' '.join(fields)} }}"
