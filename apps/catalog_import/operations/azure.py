"""Azure DevOps, by its REST API: https://learn.microsoft.com/rest/api/azure/devops/git/"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from apps.catalog_import.operations.host_proposals import HostProposals
from portal.errors import InputError
from portal.integrations.azure import API_VERSION, BRANCHES

#: What a branch is at that isn't there.
NOWHERE = "0" * 40


class AzureProposals(HostProposals):
    """A push that makes its branch, and a pull request."""

    def add_file(self, path: str, content: str, *, branch: str, base: str, message: str) -> None:
        """Push a commit with the file; the branch comes with it, or Azure DevOps refuses both."""
        change = {
            "changeType": "add",
            "item": {"path": f"/{path}"},
            "newContent": {"content": content, "contentType": "rawtext"},
        }
        self._ask(
            "POST",
            self._at("pushes"),
            f"Couldn't create a commit with {path} file added on a new branch '{branch}'",
            json={
                "refUpdates": [{"name": f"{BRANCHES}{branch}", "oldObjectId": self._tip_of(base)}],
                "commits": [{"comment": message, "changes": [change]}],
            },
        )

    def open_request(self, title: str, body: str, *, branch: str, base: str) -> str:
        """Open a pull request."""
        opened = self._ask(
            "POST",
            self._at("pullrequests"),
            f"Couldn't create a pull request for {branch} branch",
            json={
                "sourceRefName": f"{BRANCHES}{branch}",
                "targetRefName": f"{BRANCHES}{base}",
                "title": title,
                "description": body,
            },
        )
        return f"{opened['repository']['webUrl']}/pullrequest/{opened['pullRequestId']}"

    def remove_branch(self, name: str) -> None:
        """Remove a branch: what it is at becomes nothing."""
        update = {"name": f"{BRANCHES}{name}", "oldObjectId": self._tip_of(name), "newObjectId": NOWHERE}
        self._ask("POST", self._at("refs"), f"Couldn't remove the branch '{name}'", json=[update])

    def _tip_of(self, branch: str) -> str:
        """Return the commit that a branch is at. Raises ``InputError`` if there is no such branch."""
        # The filter finds all branches whose names begin so.
        url = self._at("refs", filter=f"heads/{branch}")
        found: list[dict[str, Any]] = self._ask("GET", url, f"Couldn't fetch the branch '{branch}'")["value"]
        for ref in found:
            if ref["name"] == f"{BRANCHES}{branch}":
                return str(ref["objectId"])
        raise InputError(f"There is no branch '{branch}' in {self._url}.")

    def _at(self, path: str, **query: str) -> str:
        return f"{self._api}/{path}?{urlencode({**query, 'api-version': API_VERSION})}"
