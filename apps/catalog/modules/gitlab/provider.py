"""The provider, one for each configured id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.catalog.extension_points import DeferredEntity, EntityProviderConnection, ScheduledEntityProvider
from apps.catalog.modules.gitlab.conf import GitlabProviderConfig, read_configs
from apps.catalog.modules.gitlab_api import GitLabApi, encoded, integration_for
from apps.catalog.modules.locations import found_file, ref_of_file, refresh_keys_of
from apps.catalog.modules.parallel import in_parallel
from portal.http_client import new_client
from portal.integrations import GitLabIntegration
from portal.services import logger
from portal.services.events import Event

log = logger.for_plugin("catalog")

#: System hooks that say no more than that a project is elsewhere now: it takes a run to find out.
MOVES = ("gitlab.project_destroy", "gitlab.project_rename", "gitlab.project_transfer")
BRANCH = "refs/heads/"

Project = dict[str, Any]


class GitlabDiscoveryEntityProvider(ScheduledEntityProvider):
    """Keeps a Location for each project that has a catalog file, and hears of pushes."""

    topics = ("gitlab.push", *MOVES)

    def __init__(self, config: GitlabProviderConfig) -> None:
        """Get ready. Raises ``ConfigError`` if the host isn't among the integrations."""
        self.name = f"GitlabDiscoveryEntityProvider:{config.id}"
        self.schedule = config.schedule
        self._config = config
        integration_for(config.host, self.name)

    def refresh(self, connection: EntityProviderConnection) -> None:
        """Read all projects, ask each one for its file, and apply what is there once everything is read."""
        found: dict[str, DeferredEntity] = {}
        with new_client() as client:
            api = GitLabApi(client, self._integration)
            wanted = (project for project in self._projects(api) if self._is_wanted(project))
            for project, has_file in in_parallel(lambda project: self._has_file(api, project), wanted):
                if has_file:
                    url = self._file_url(project)
                    found[url] = found_file(url, provider=self.name)
        connection.apply_full_mutation(found.values())
        log.info("Looked through GitLab's projects", provider=self.name, files=len(found))

    def on_event(self, event: Event, connection: EntityProviderConnection) -> bool:
        """Apply a push; a project that is gone or has moved takes a run."""
        payload = event.payload
        if event.topic in MOVES:
            paths = (payload.get("path_with_namespace", ""), payload.get("old_path_with_namespace", ""))
            return any(self._is_in_group(path) for path in paths)
        web_url = payload["project"]["web_url"]
        if web_url.startswith(f"{self._integration.base_url}/") and payload["ref"].startswith(BRANCH):
            self._on_push(payload, connection)
        return False

    @property
    def _integration(self) -> GitLabIntegration:
        return integration_for(self._config.host, self.name)

    def _projects(self, api: GitLabApi) -> Iterator[Project]:
        config = self._config
        if config.group_patterns:
            for group in api.pages("groups"):
                if config.wants_group(group["full_path"]):
                    yield from self._projects_of(api, group["full_path"])
        else:
            yield from self._projects_of(api, config.group)

    def _projects_of(self, api: GitLabApi, group: str) -> Iterator[Project]:
        config = self._config
        query = {
            **({} if config.include_archived else {"archived": "false"}),
            **({"membership": "true"} if config.membership else {}),
            **({"topic": config.topics} if config.topics else {}),
            # The short form doesn't say which projects are forks.
            **({} if config.skip_forks else {"simple": "true"}),
        }
        if group:
            return api.pages(f"groups/{encoded(group)}/projects", include_subgroups="true", **query)
        return api.pages("projects", **query)

    def _is_wanted(self, project: Project) -> bool:
        config, path = self._config, project["path_with_namespace"]
        return (
            self._is_in_group(path)
            and (config.project_pattern is None or config.project_pattern.search(path) is not None)
            and (not config.skip_forks or "forked_from_project" not in project)
            and path not in config.exclude_repos
            and not any(path.startswith(f"{group}/") for group in config.exclude_groups)
        )

    def _is_in_group(self, path: str) -> bool:
        return not self._config.group or path.startswith(f"{self._config.group}/")

    def _branch(self, project: Project) -> str:
        return self._config.branch or project.get("default_branch") or self._config.fallback_branch

    def _file_url(self, project: Project, path: str | None = None) -> str:
        return f"{project['web_url']}/-/blob/{self._branch(project)}/{path or self._config.filename}"

    def _has_file(self, api: GitLabApi, project: Project) -> bool:
        path = f"projects/{project['id']}/repository/files/{encoded(self._config.filename)}"
        return api.exists(path, ref=self._branch(project))

    def _on_push(self, payload: dict[str, Any], connection: EntityProviderConnection) -> None:
        with new_client() as client:
            api = GitLabApi(client, self._integration)
            project = api.get(f"projects/{payload['project_id']}")
            if project is None or payload["ref"] != f"{BRANCH}{self._branch(project)}" or not self._takes(project):
                return
            has_file = self._has_file(api, project)
        url = self._file_url(project)
        if has_file:
            connection.apply_delta_mutation(added=[found_file(url, provider=self.name)])
        else:
            connection.apply_delta_mutation(removed=[ref_of_file(url)])
        changed = {
            path
            for commit in payload["commits"]
            for kind in ("added", "modified", "removed")
            for path in commit.get(kind, ())
        }
        connection.refresh(refresh_keys_of([self._file_url(project, path) for path in sorted(changed)]))

    def _takes(self, project: Project) -> bool:
        """Say of a project on its own whether a run would come upon it and want it."""
        config = self._config
        topics = set(config.topics.split(",")) if config.topics else set()
        group = project["path_with_namespace"].rpartition("/")[0]
        parents = [group[:end] for end in range(len(group) + 1) if end == len(group) or group[end] == "/"]
        return (
            self._is_wanted(project)
            and (config.include_archived or not project.get("archived"))
            and topics <= set(project.get("topics", ()))
            and any(config.wants_group(parent) for parent in parents)
        )


def configured_providers() -> list[GitlabDiscoveryEntityProvider]:
    """Return a provider for each id. Raises ``ConfigError`` for the first mistake."""
    return [GitlabDiscoveryEntityProvider(config) for config in read_configs()]
