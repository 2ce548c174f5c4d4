"""Gitea and Forgejo, by their REST API: https://docs.gitea.com/api/"""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote

from apps.catalog_import.operations.host_proposals import HostProposals


class GiteaProposals(HostProposals):
    """A commit that makes its branch, and a pull request."""

    def add_file(self, path: str, content: str, *, branch: str, base: str, message: str) -> None:
        """Commit the file; the branch comes with it, or Gitea refuses both."""
        self._ask(
            "POST",
            f"{self._api}/contents/{quote(path)}",
            f"Couldn't create a commit with {path} file added on a new branch '{branch}'",
            json={
                "branch": base,
                "new_branch": branch,
                "message": message,
                "content": b64encode(content.encode()).decode(),
            },
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
        self._ask("DELETE", f"{self._api}/branches/{quote(name)}", f"Couldn't remove the branch '{name}'")
