"""GitLab, by its REST API: https://docs.gitlab.com/api/rest/"""

from __future__ import annotations

from urllib.parse import quote

from apps.catalog_import.operations.host_proposals import HostProposals


class GitLabProposals(HostProposals):
    """A commit that makes its branch, and a merge request."""

    def add_file(self, path: str, content: str, *, branch: str, base: str, message: str) -> None:
        """Commit the file; the branch comes with it, or GitLab refuses both."""
        action = {"action": "create", "file_path": path, "content": content}
        self._ask(
            "POST",
            f"{self._api}/repository/commits",
            f"Couldn't create a commit with {path} file added on a new branch '{branch}'",
            json={"branch": branch, "start_branch": base, "commit_message": message, "actions": [action]},
        )

    def open_request(self, title: str, body: str, *, branch: str, base: str) -> str:
        """Open a merge request, whose branch goes once it is merged."""
        opened = self._ask(
            "POST",
            f"{self._api}/merge_requests",
            f"Couldn't create a merge request for {branch} branch",
            json={
                "source_branch": branch,
                "target_branch": base,
                "title": title,
                "description": body,
                "remove_source_branch": True,
            },
        )
        return str(opened["web_url"])

    def remove_branch(self, name: str) -> None:
        """Remove a branch."""
        url = f"{self._api}/repository/branches/{quote(name, safe='')}"
        self._ask("DELETE", url, f"Couldn't remove the branch '{name}'")
