"""GitHub's GraphQL API, as far as the modules ask it; shapes are those of its documentation."""

from __future__ import annotations

import json
from typing import Any

from tests.catalog.modules.kit import Host
from tests.portal.source_hosts.server import Answer, Asked, answer_json


class FakeGitHub(Host):
    """A GitHub Enterprise Server with accounts, their repositories, members and teams."""

    def __init__(self) -> None:
        super().__init__()
        #: By account.
        self.repositories: dict[str, list[dict[str, Any]]] = {}
        self.members: dict[str, list[dict[str, Any]]] = {}
        self.teams: dict[str, list[dict[str, Any]]] = {}

    def integration(self, **changes: Any) -> dict[str, Any]:
        """Return its entry among the integrations."""
        return {"host": self.name, "apiBaseUrl": f"{self.url}/api/v3", "token": self.token, **changes}

    def add(self, account: str, name: str, **changes: Any) -> dict[str, Any]:
        """Add a repository, as GraphQL shows it."""
        repository = {
            "name": name,
            "url": f"{self.url}/{account}/{name}",
            "isArchived": False,
            "isFork": False,
            "visibility": "PRIVATE",
            "repositoryTopics": {"nodes": [{"topic": {"name": topic}} for topic in changes.pop("topics", ())]},
            "defaultBranchRef": {"name": "main"},
            "files": {"catalog-info.yaml"},
            **changes,
        }
        self.repositories.setdefault(account, []).append(repository)
        return repository

    def answer(self, asked: Asked) -> Answer:
        if asked.method == "GET":
            _, _, _, account, name, _, *path = asked.segments
            known = "/".join(path) in next(one["files"] for one in self.repositories[account] if one["name"] == name)
            return Answer(_component(name), headers={"ETag": f'"{name}"'}) if known else Answer(status=404)
        assert (asked.method, asked.path) == ("POST", "/api/graphql")
        body = json.loads(asked.body)
        query, variables = body["query"], body["variables"]
        if "query Repositories(" in query:
            owner = self.repositories.get(variables["owner"])
            nodes = [self._shown(one, variables) for one in owner or []]
            found = None if owner is None else {"repositories": _page(nodes, variables)}
            return answer_json({"data": {"repositoryOwner": found}})
        if "query Repository(" in query:
            named = [one for one in self.repositories[variables["owner"]] if one["name"] == variables["name"]]
            if not named:
                return _missing("repository")
            return answer_json({"data": {"repository": self._shown(named[0], variables)}})
        org = variables["org"]
        if org not in self.members:
            return _missing("organization")
        teams = self.teams.setdefault(org, [])
        if "query Members(" in query:
            members = [_person(one, query) for one in self.members[org]]
            return _organization("membersWithRole", _page(members, variables))
        if "query Member(" in query:
            return self._member(org, teams, query, variables)
        if "query Teams(" in query:
            return _organization("teams", _page([_team(one, variables) for one in teams], variables))
        team = next((one for one in teams if one["slug"] == variables["slug"]), None)
        if "query Team(" in query:
            return _organization("team", _team(team, variables) if team else None)
        assert "query TeamMembers(" in query
        assert team is not None
        return _organization("team", {"members": _page(_logins(team), variables)})

    def _member(self, org: str, teams: list[dict[str, Any]], query: str, variables: dict[str, Any]) -> Answer:
        login = variables["login"]
        everybody = {one["login"]: one for people in self.members.values() for one in people}
        mine = any(one["login"] == login for one in self.members[org])
        own = [{"slug": team["slug"]} for team in teams if login in team["members"]]
        user = None
        if login in everybody:
            user = {**_person(everybody[login], query), "organization": {"login": org} if mine else None}
        return answer_json({"data": {"user": user, "organization": {"teams": {"nodes": own}}}})

    def _shown(self, repository: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        shown = {key: value for key, value in repository.items() if key != "files"}
        if variables["validate"]:
            ref, _, path = variables["file"].partition(":")
            known = ref in {"HEAD", "main"} and path in repository["files"]
            shown["catalogFile"] = {"__typename": "Blob", "byteSize": 9} if known else None
        return shown


def _component(name: str) -> bytes:
    return f"""
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: {name}
spec: {{type: service, lifecycle: production, owner: acme}}
""".encode()


def _page(nodes: list[Any], variables: dict[str, Any]) -> dict[str, Any]:
    start = int(variables["cursor"] or 0)
    end = start + variables["size"]
    info = {"hasNextPage": end < len(nodes), "endCursor": str(end)}
    return {"nodes": nodes[start:end], "pageInfo": info}


def _person(person: dict[str, Any], query: str) -> dict[str, Any]:
    shown = {"name": None, "bio": None, "avatarUrl": None, "email": "", "suspendedAt": None, **person}
    asked = query.partition("fragment Person on User {")[2].partition("}")[0].split()
    return {field: value for field, value in shown.items() if any(one.startswith(field) for one in asked)}


def _team(team: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
    inner = {"cursor": None, "size": variables["memberSize"]}
    shown = {"name": None, "description": None, "avatarUrl": None, "editTeamUrl": None, "parentTeam": None, **team}
    children = {"nodes": [{"slug": slug} for slug in team.get("children", ())]}
    return {**shown, "childTeams": children, "members": _page(_logins(team), inner)}


def _logins(team: dict[str, Any]) -> list[dict[str, str]]:
    return [{"login": login} for login in team["members"]]


def _organization(name: str, value: Any) -> Answer:
    return answer_json({"data": {"organization": {name: value}}})


def _missing(name: str) -> Answer:
    error = {"type": "NOT_FOUND", "path": [name], "message": "Could not resolve."}
    return answer_json({"data": {name: None}, "errors": [error]})
