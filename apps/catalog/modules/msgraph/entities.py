"""Users and Groups, made of what Microsoft Graph says."""

from __future__ import annotations

import re
from typing import Any

from portal.entities import Entity

ANNOTATION_TENANT = "graph.microsoft.com/tenant-id"
ANNOTATION_GROUP = "graph.microsoft.com/group-id"
ANNOTATION_USER = "graph.microsoft.com/user-id"
ANNOTATION_EMAIL = "microsoft.com/email"
API_VERSION = "backstage.io/v1alpha1"

_UNUSUAL = re.compile(r"[^a-zA-Z0-9_.-]")
_REPEATED = re.compile(r"_{2,}")


def normalized_name(text: str) -> str:
    """Return what a name or an address is called in the catalog, by Backstage's rule: ``jane_example.com``."""
    return _REPEATED.sub("_", _UNUSUAL.sub("_", text.strip().lower()).rstrip("_"))


def default_user_transformer(user: dict[str, Any], photo: str | None) -> Entity | None:
    """Return the User that a user becomes; None for one without id or name, which is left out."""
    known_as = user.get("mail") or user.get("userPrincipalName")
    if not user.get("id") or not user.get("displayName") or not known_as:
        return None
    email = user.get("mail")
    annotations = {ANNOTATION_USER: user["id"], **_present(**{ANNOTATION_EMAIL: email})}
    profile = {"displayName": user["displayName"], **_present(email=email, picture=photo)}
    return _entity("User", normalized_name(known_as), annotations, {"profile": profile, "memberOf": []})


def default_group_transformer(group: dict[str, Any], photo: str | None) -> Entity | None:
    """Return the Group that a group becomes; None for one without id or name, which is left out."""
    if not group.get("id") or not group.get("displayName"):
        return None
    nickname = None if group.get("securityEnabled") else group.get("mailNickname")
    name = normalized_name(nickname or group["displayName"])
    profile = {"displayName": group["displayName"], **_present(email=group.get("mail"), picture=photo)}
    spec = {"type": "team", "profile": profile, "children": []}
    return _entity("Group", name, {ANNOTATION_GROUP: group["id"]}, spec, description=group.get("description"))


def default_organization_transformer(organization: dict[str, Any]) -> Entity | None:
    """Return the Group above all others; None for an organisation without id or name."""
    if not organization.get("id") or not organization.get("displayName"):
        return None
    title = organization["displayName"]
    spec = {"type": "root", "profile": {"displayName": title}, "children": []}
    return _entity("Group", normalized_name(title), {ANNOTATION_TENANT: organization["id"]}, spec, description=title)


def _entity(
    kind: str, name: str, annotations: dict[str, str], spec: dict[str, Any], *, description: str | None = None
) -> Entity:
    metadata = {"name": name, **_present(description=description), "annotations": annotations}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def _present(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}
