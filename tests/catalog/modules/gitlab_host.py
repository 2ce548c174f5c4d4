"""GitLab's REST API, as far as the modules ask it; shapes are those of its documentation."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from tests.catalog.modules.kit import Host
from tests.portal.source_hosts.server import Answer, Asked, answer_json

NOT_FOUND = answer_json({"message": "404 Not Found"}, 404)


class FakeGitLab(Host):
    """A GitLab of one's own, with groups, projects and people."""

    def __init__(self) -> None:
        super().__init__()
        self.projects: list[dict[str, Any]] = []
        self.groups: list[dict[str, Any]] = []
        self.users: list[dict[str, Any]] = []
        #: Usernames by the path of the group, and those that belong to it by its parents or guests.
        self.members: dict[str, list[str]] = {}
        self.inherited: dict[str, list[str]] = {}
        #: Pages have so many items at most, whatever is asked for.
        self.page_size = 2

    def integration(self, **changes: Any) -> dict[str, Any]:
        """Return its entry among the integrations."""
        return {"host": self.name, "baseUrl": self.url, "token": self.token, **changes}

    def add(self, path: str, **changes: Any) -> dict[str, Any]:
        """Add a project, as the API shows it."""
        project = {
            "id": len(self.projects) + 1,
            "path_with_namespace": path,
            "web_url": f"{self.url}/{path}",
            "default_branch": "main",
            "archived": False,
            "topics": [],
            "files": {"catalog-info.yaml"},
            **changes,
        }
        self.projects.append(project)
        return project

    def add_group(self, path: str, members: list[str] | None = None, **changes: Any) -> None:
        """Add a group, below the one that its path says."""
        ids = {group["full_path"]: group["id"] for group in self.groups}
        parent = ids.get(path.rpartition("/")[0])
        name = path.rpartition("/")[2]
        group = {"id": len(ids) + 1, "name": name.title(), "full_path": path, "parent_id": parent, **changes}
        self.groups.append(group)
        self.members[path] = members or []

    def add_user(self, username: str, **changes: Any) -> None:
        """Add somebody."""
        user = {
            "id": len(self.users) + 1,
            "username": username,
            "name": username.title(),
            "state": "active",
            "web_url": f"{self.url}/{username}",
            "avatar_url": None,
            **changes,
        }
        self.users.append(user)

    def answer(self, asked: Asked) -> Answer:
        before, _, path = asked.path.partition("/api/v4/")
        assert not before
        match [unquote(part) for part in path.split("/")]:
            case ["projects"]:
                return self._page(asked, self._listed(asked, ""))
            case ["projects", number, "repository", "files", file]:
                assert asked.method == "HEAD"
                project = self.projects[int(number) - 1]
                known = asked.query["ref"] == project["default_branch"] and file in project["files"]
                return Answer() if known else NOT_FOUND
            case ["projects", number]:
                found = [one for one in self.projects if one["id"] == int(number)]
                return answer_json(self._shown(found[0])) if found else NOT_FOUND
            case ["groups"]:
                return self._page(asked, self.groups)
            case ["users"]:
                assert asked.query["active"] == asked.query["without_project_bots"] == "true"
                return self._page(asked, self.users)
            case ["groups", group, *rest] if any(one["full_path"] == group for one in self.groups):
                return self._of_group(asked, group, rest)
        return NOT_FOUND

    def _of_group(self, asked: Asked, group: str, rest: list[str]) -> Answer:
        match rest:
            case ["projects"]:
                assert asked.query["include_subgroups"] == "true"
                return self._page(asked, self._listed(asked, f"{group}/"))
            case ["descendant_groups"]:
                return self._page(asked, [one for one in self.groups if one["full_path"].startswith(f"{group}/")])
            case ["members"]:
                return self._page(asked, self._people(self.members[group]))
            case ["members", "all"]:
                return self._page(asked, self._people([*self.members[group], *self.inherited.get(group, [])]))
        return NOT_FOUND

    def _listed(self, asked: Asked, prefix: str) -> list[dict[str, Any]]:
        topics = set(filter(None, asked.query.get("topic", "").split(",")))
        projects = [one for one in self.projects if one["path_with_namespace"].startswith(prefix)]
        if asked.query.get("archived") == "false":
            projects = [one for one in projects if not one["archived"]]
        return [
            self._shown(one, simple=asked.query.get("simple") == "true")
            for one in projects
            if topics <= {*one["topics"]}
        ]

    def _people(self, usernames: list[str]) -> list[dict[str, Any]]:
        return [one for one in self.users if one["username"] in usernames]

    def _shown(self, project: dict[str, Any], *, simple: bool = False) -> dict[str, Any]:
        hidden = {"files", *(("archived", "forked_from_project") if simple else ())}
        return {key: value for key, value in project.items() if key not in hidden}

    def _page(self, asked: Asked, items: list[dict[str, Any]]) -> Answer:
        size = min(int(asked.query["per_page"]), self.page_size)
        page = int(asked.query["page"])
        following = str(page + 1) if page * size < len(items) else ""
        return answer_json(items[(page - 1) * size : page * size], X_Next_Page=following)
