"""GitHub, by its REST API: https://docs.github.com/en/rest"""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote

from apps.catalog_import.operations.host_proposals import HostProposals


class GitHubProposals(HostProposals):
    """A branch, a commit with the file, and a pull request."""

    headers = {"Accept": "application/vnd.github+json"}

    def add_file(self, path: str, content: str, *, branch: str, base: str, message: str) -> None:
        """Create the branch, then commit the file to it."""
        tip = self._ask("GET", f"{self._api}/git/ref/heads/{quote(base)}", "Couldn't fetch default branch data")
        self._ask(
            "POST",
            f"{self._api}/git/refs",
            f"Couldn't create a new branch with name '{branch}'",
            json={"ref": f"refs/heads/{branch}", "sha": tip["object"]["sha"]},
        )
        with self.removing_branch_on_failure(branch):
            self._ask(
                "PUT",
                f"{self._api}/contents/{quote(path)}",
                f"Couldn't create a commit with {path} file added",
                json={"message": message, "content": b64encode(content.encode()).decode(), "branch": branch},
            )

    def open_request(self, title: str, body: str, *, branch: str, base: str) -> str:
        """Open a pull request."""
        opened = self._ask(
            "POST",
            f"{self._api}/pulls",
            f"Couldn't create a pull request for {branch} branch",
            json={"title": title, "body": body, "head": branch, "base": base},
        )
        return str(opened["html_url"])

    def remove_branch(self, name: str) -> None:
        """Remove a branch."""
        self._ask("DELETE", f"{self._api}/git/refs/heads/{quote(name)}", f"Couldn't remove the branch '{name}'")
