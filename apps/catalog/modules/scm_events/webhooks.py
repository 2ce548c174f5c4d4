"""What the webhooks of source hosts say has happened, as far as registered locations may care."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from apps.catalog.modules.gitlab_api import GitLabApi
from apps.catalog.modules.rest_api import RestApi, encoded
from apps.catalog.modules.scm_events.events import ScmEvent
from portal.errors import InputError
from portal.http_client import new_client
from portal.integrations import scm_integrations
from portal.integrations.urls import origin_of, split_url
from portal.services.events import Event

BRANCH = "refs/heads/"
#: Files that may be registered; others can only be parts of entities.
CATALOG_FILES = (".yaml", ".yml")

#: Pairs of old and new paths.
Renames = Callable[[], Mapping[str, str]]


def events_of(event: Event) -> list[ScmEvent]:
    """Return what a webhook's event means; nothing if it is about a branch that isn't the default one.

    Raises ``InputError`` for a payload that isn't what the host's documentation says, and what asking the host raises.
    """
    try:
        return list(TRANSLATORS[event.topic](event))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise InputError(f"The event isn't of the form that {event.topic} should have: {error!r}") from error


def _github_push(event: Event) -> Iterator[ScmEvent]:
    payload, repository = event.payload, event.payload["repository"]

    def renames() -> Mapping[str, str]:
        integration = scm_integrations().github.by_url(repository["html_url"])
        if integration is None:
            return {}
        with new_client() as client:
            api = RestApi(client, integration, integration.api_base_url, repository["html_url"])
            name = "/".join(map(encoded, repository["full_name"].split("/")))
            compared = api.get_object(api.url(f"repos/{name}/compare/{payload['before']}...{payload['after']}"))
        files = compared.get("files") or ()
        return {one["previous_filename"]: one["filename"] for one in files if one["status"] == "renamed"}

    return _push(payload, repository["default_branch"], f"{repository['html_url']}/blob", renames)


def _gitlab_push(event: Event) -> Iterator[ScmEvent]:
    payload, project = event.payload, event.payload["project"]

    def renames() -> Mapping[str, str]:
        integration = scm_integrations().gitlab.by_url(project["web_url"])
        if integration is None:
            return {}
        with new_client() as client:
            path = f"projects/{encoded(str(payload['project_id']))}/repository/compare"
            compared = GitLabApi(client, integration).get(path, **{"from": payload["before"], "to": payload["after"]})
        diffs = (compared or {}).get("diffs") or ()
        return {one["old_path"]: one["new_path"] for one in diffs if one["renamed_file"]}

    return _push(payload, project["default_branch"], f"{project['web_url']}/-/blob", renames)


def _gitea_push(event: Event) -> Iterator[ScmEvent]:
    repository = event.payload["repository"]
    # Gitea doesn't say which files were renamed.
    return _push(event.payload, repository["default_branch"], f"{repository['html_url']}/src/branch", dict)


def _push(payload: Any, branch: str, root: str, renames: Renames) -> Iterator[ScmEvent]:
    if payload["ref"] != f"{BRANCH}{branch}":
        return
    changes = _net_changes(payload["commits"])
    files = {path: verb for path, verb in changes.items() if path.endswith(CATALOG_FILES)}
    moved = renames() if {"created", "deleted"} <= set(files.values()) else {}
    for old, new in moved.items():
        if files.pop(old, None) and files.pop(new, None):
            yield ScmEvent("location", "moved", f"{root}/{branch}/{new}", f"{root}/{branch}/{old}")
    for path, verb in changes.items():
        if path in files or (verb == "updated" and not path.endswith(CATALOG_FILES)):
            yield ScmEvent("location", verb, f"{root}/{branch}/{path}")


def _net_changes(commits: Iterable[Any]) -> dict[str, str]:
    """Return what became of each path in the end."""
    net: dict[str, str] = {}
    for commit in commits:
        for path in commit.get("added") or ():
            net[path] = "updated" if net.get(path) == "deleted" else "created"
        for path in commit.get("modified") or ():
            net.setdefault(path, "updated")
        for path in commit.get("removed") or ():
            if net.pop(path, None) != "created":
                net[path] = "deleted"
    return net


def _github_repository(event: Event) -> Iterator[ScmEvent]:
    payload, url = event.payload, event.payload["repository"]["html_url"]
    changes = payload.get("changes") or {}
    match payload["action"]:
        case "created" | "deleted" as verb:
            yield ScmEvent("repository", verb, url)
        case "archived" | "unarchived" | "privatized" | "publicized":
            yield ScmEvent("repository", "updated", url)
        case "renamed":
            former = changes["repository"]["name"]["from"]
            yield ScmEvent("repository", "moved", url, f"{url.rpartition('/')[0]}/{former}")
        case "transferred":
            owner = changes["owner"]["from"]
            former = (owner.get("organization") or owner.get("user"))["login"]
            site, _, name = url.rsplit("/", 2)
            yield ScmEvent("repository", "moved", url, f"{site}/{former}/{name}")
        case "edited" if "default_branch" in changes:
            old, new = changes["default_branch"]["from"], payload["repository"]["default_branch"]
            yield ScmEvent("repository", "moved", f"{url}/blob/{new}", f"{url}/blob/{old}")


def _gitlab_project(event: Event) -> Iterator[ScmEvent]:
    # System hooks name the project, and a header the GitLab that it is on.
    site, path = event.metadata["x-gitlab-instance"].rstrip("/"), event.payload["path_with_namespace"]
    if event.topic == "gitlab.project_destroy":
        yield ScmEvent("repository", "deleted", f"{site}/{path}")
    else:
        yield ScmEvent("repository", "moved", f"{site}/{path}", f"{site}/{event.payload['old_path_with_namespace']}")


def _gitea_repository(event: Event) -> Iterator[ScmEvent]:
    if event.payload["action"] in {"created", "deleted"}:
        yield ScmEvent("repository", event.payload["action"], event.payload["repository"]["html_url"])


def _bitbucket_cloud_push(event: Event) -> Iterator[ScmEvent]:
    # It says neither which files have changed nor which branch is the main one.
    yield ScmEvent("repository", "updated", event.payload["repository"]["links"]["html"]["href"])


def _bitbucket_cloud_update(event: Event) -> Iterator[ScmEvent]:
    links = (event.payload.get("changes") or {}).get("links")
    if links:
        yield ScmEvent("repository", "moved", links["new"]["html"]["href"], links["old"]["html"]["href"])


def _azure_push(event: Event) -> Iterator[ScmEvent]:
    resource = event.payload["resource"]
    if any(update["name"] == resource["repository"]["defaultBranch"] for update in resource["refUpdates"]):
        # The URL may name a user, which those that people register don't.
        url = resource["repository"]["remoteUrl"]
        yield ScmEvent("repository", "updated", f"{origin_of(url)}{split_url(url).path}")


def _own(event: Event) -> Iterator[ScmEvent]:
    return map(ScmEvent.read, event.payload["events"])


#: By topic. The last one is for whoever knows of something that has happened: ``{"events": [{"type", "url"}]}``.
TRANSLATORS: dict[str, Callable[[Event], Iterator[ScmEvent]]] = {
    "github.push": _github_push,
    "github.repository": _github_repository,
    "gitlab.push": _gitlab_push,
    "gitlab.project_destroy": _gitlab_project,
    "gitlab.project_rename": _gitlab_project,
    "gitlab.project_transfer": _gitlab_project,
    "gitea.push": _gitea_push,
    "gitea.repository": _gitea_repository,
    "bitbucketCloud.repo:push": _bitbucket_cloud_push,
    "bitbucketCloud.repo:updated": _bitbucket_cloud_update,
    "azureDevOps.git.push": _azure_push,
    "catalog.scmEvents": _own,
}
