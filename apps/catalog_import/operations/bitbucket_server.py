"""Bitbucket Server and Data Center, by its REST API: https://developer.atlassian.com/server/bitbucket/rest/"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from apps.catalog_import.operations.host_proposals import HostProposals

BRANCHES = "refs/heads/"


class BitbucketServerProposals(HostProposals):
    """A branch, a commit with the file, and a pull request."""

    #: A form is taken for one that a page of somebody else's sends, unless it says that it isn't.
    headers = {"X-Atlassian-Token": "no-check"}

    def add_file(self, path: str, content: str, *, branch: str, base: str, message: str) -> None:
        """Create the branch, which fails if there is one, then commit the file to it."""
        self._ask(
            "POST",
            f"{self._api}/branches",
            f"Couldn't create a new branch with name '{branch}'",
            json={"name": branch, "startPoint": f"{BRANCHES}{base}"},
        )
        # Fields of a form in parts, none of which is an uploaded file.
        fields = {"branch": branch, "message": message, "content": content}
        with self.removing_branch_on_failure(branch):
            self._ask(
                "PUT",
                f"{self._api}/browse/{quote(path)}",
                f"Couldn't create a commit with {path} file added",
                files={name: (None, value.encode()) for name, value in fields.items()},
            )

    def open_request(self, title: str, body: str, *, branch: str, base: str) -> str:
        """Open a pull request."""
        opened = self._ask(
            "POST",
            f"{self._api}/pull-requests",
            f"Couldn't create a pull request for {branch} branch",
            json={"title": title, "description": body, "fromRef": self._ref(branch), "toRef": self._ref(base)},
        )
        return str(opened["links"]["self"][0]["href"])

    def remove_branch(self, name: str) -> None:
        """Remove a branch: that is left to another API beside the one that everything else is in."""
        api = self._api.replace("/rest/api/", "/rest/branch-utils/", 1)
        self._ask(
            "DELETE", f"{api}/branches", f"Couldn't remove the branch '{name}'", json={"name": f"{BRANCHES}{name}"}
        )

    def _ref(self, branch: str) -> dict[str, Any]:
        at = self._host.parse(self._url)
        return {"id": f"{BRANCHES}{branch}", "repository": {"slug": at.repo, "project": {"key": at.owner}}}
