"""Users and Groups, made of what GitLab says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.catalog.modules.gitlab.conf import GitlabProviderConfig
from portal.entities import ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION, Entity

API_VERSION = "backstage.io/v1alpha1"


def group_name(full_path: str, config: GitlabProviderConfig) -> str:
    """Return a group's name in the catalog: its path below the configured group."""
    return full_path.removeprefix(f"{config.group}/" if config.group else "").replace("/", "-")


def group_entity(
    group: dict[str, Any], *, parent: dict[str, Any] | None, base_url: str, config: GitlabProviderConfig
) -> Entity:
    """Return the Group that a group becomes; ``parent`` is the one above it, if that becomes one too."""
    path = group["full_path"]
    return {
        "apiVersion": API_VERSION,
        "kind": "Group",
        "metadata": {
            "name": group_name(path, config),
            **_present(description=group.get("description")),
            "annotations": {**_location(f"{base_url}/{path}"), f"{_domain(config)}/team-path": path},
        },
        "spec": {
            "type": "team",
            **_present(parent=parent and group_name(parent["full_path"], config)),
            "children": [],
            "profile": _present(displayName=group.get("name")),
        },
    }


def user_entity(user: dict[str, Any], *, groups: Iterable[str], base_url: str, config: GitlabProviderConfig) -> Entity:
    """Return the User that somebody becomes; ``groups`` are the paths of the groups that they belong to."""
    name = user["username"]
    identity = (user.get("group_saml_identity") or {}).get("extern_uid")
    return {
        "apiVersion": API_VERSION,
        "kind": "User",
        "metadata": {
            "name": name,
            "annotations": {
                **_location(f"{base_url}/{name}"),
                f"{_domain(config)}/user-login": user["web_url"],
                **_present(**{f"{_domain(config)}/saml-external-uid": identity}),
            },
        },
        "spec": {
            "profile": _present(displayName=user.get("name"), email=user.get("email"), picture=user.get("avatar_url")),
            "memberOf": [group_name(path, config) for path in groups],
        },
    }


def _domain(config: GitlabProviderConfig) -> str:
    # An annotation's prefix has no place for a port.
    return config.host.partition(":")[0]


def _location(url: str) -> dict[str, str]:
    return {ANNOTATION_LOCATION: f"url:{url}", ANNOTATION_ORIGIN_LOCATION: f"url:{url}"}


def _present(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}
