"""Bitbucket Cloud, by its REST API: https://developer.atlassian.com/cloud/bitbucket/rest/"""

from __future__ import annotations

from urllib.parse import quote

from apps.catalog_import.operations.host_proposals import HostProposals


class BitbucketCloudProposals(HostProposals):
    """A branch, a commit with the file, and a pull request."""

    def add_file(self, path: str, content: str, *, branch: str, base: str, message: str) -> None:
        """Create the branch, which fails if there is one, then commit the file to it."""
        self._ask(
            "POST",
            f"{self._api}/refs/branches",
            f"Couldn't create a new branch with name '{branch}'",
            json={"name": branch, "target": {"hash": base}},
        )
        with self.removing_branch_on_failure(branch):
            self._ask(
                "POST",
                f"{self._api}/src",
                f"Couldn't create a commit with {path} file added",
                data={"message": message, "branch": branch, f"/{path}": content},
            )

    def open_request(self, title: str, body: str, *, branch: str, base: str) -> str:
        """Open a pull request, whose branch goes once it is merged."""
        opened = self._ask(
            "POST",
            f"{self._api}/pullrequests",
            f"Couldn't create a pull request for {branch} branch",
            json={
                "title": title,
                "description": body,
                "source": {"branch": {"name": branch}},
                "destination": {"branch": {"name": base}},
                "close_source_branch": True,
            },
        )
        return str(opened["links"]["html"]["href"])

    def remove_branch(self, name: str) -> None:
        """Remove a branch."""
        self._ask("DELETE", f"{self._api}/refs/branches/{quote(name)}", f"Couldn't remove the branch '{name}'")
