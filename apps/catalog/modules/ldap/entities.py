"""Users and Groups, made of what a directory says."""

from __future__ import annotations

import base64
import copy
from typing import Any

from apps.catalog.modules.ldap.conf import EntriesConfig
from apps.catalog.modules.ldap.vendors import LdapEntry, LdapVendor
from portal.config.paths import parse_path
from portal.entities import Entity
from portal.errors import InputError

ANNOTATION_DN = "backstage.io/ldap-dn"
ANNOTATION_RDN = "backstage.io/ldap-rdn"
ANNOTATION_UUID = "backstage.io/ldap-uuid"
#: How files of pictures begin, and what they are: directories hold photos as they are.
PICTURES = {b"\xff\xd8\xff": "jpeg", b"\x89PNG": "png", b"GIF8": "gif"}


def default_user_transformer(vendor: LdapVendor, config: EntriesConfig, entry: LdapEntry) -> Entity | None:
    """Return the User that a person's entry becomes, in no group. Raises ``InputError`` if it has no name."""
    spec: dict[str, Any] = {"profile": {}, "memberOf": []}
    return _completed(_blank("User", spec), vendor, config, entry)


def default_group_transformer(vendor: LdapVendor, config: EntriesConfig, entry: LdapEntry) -> Entity | None:
    """Return the Group that an entry becomes, on its own. Raises ``InputError`` if it has no name."""
    spec: dict[str, Any] = {"type": "unknown", "profile": {}, "children": []}
    entity = _completed(_blank("Group", spec), vendor, config, entry)
    if type_ := vendor.text(entry, config.map["type"]):
        entity["spec"]["type"] = type_
    return entity


def _blank(kind: str, spec: dict[str, Any]) -> Entity:
    metadata: dict[str, Any] = {"name": "", "annotations": {}}
    return {"apiVersion": "backstage.io/v1beta1", "kind": kind, "metadata": metadata, "spec": spec}


def _completed(entity: Entity, vendor: LdapVendor, config: EntriesConfig, entry: LdapEntry) -> Entity:
    for path, value in config.set.items():
        _put(entity, path, copy.deepcopy(value))
    metadata, annotations = entity["metadata"], entity["metadata"].setdefault("annotations", {})
    profile = entity["spec"].setdefault("profile", {})
    metadata["name"] = vendor.text(entry, config.map["name"]) or metadata.get("name")
    if not metadata["name"]:
        raise InputError(
            f"The {config.kind} '{entry.dn}' has no name: {_wanting(entry, config.map['name'])}. Set {config.key}."
            f"map.name to one that every {config.kind} has, or leave such {config.kind}s out by {config.key}."
            f"options.filter."
        )
    _fill(metadata, "description", vendor.text(entry, config.map["description"]))
    _fill(annotations, ANNOTATION_RDN, vendor.text(entry, config.map["rdn"]))
    _fill(annotations, ANNOTATION_UUID, vendor.text(entry, vendor.uuid_attribute))
    _fill(annotations, ANNOTATION_DN, vendor.dn(entry))
    _fill(profile, "displayName", vendor.text(entry, config.map["displayName"]))
    _fill(profile, "email", vendor.text(entry, config.map["email"]))
    _fill(profile, "picture", _picture(vendor, entry, config.map["picture"]))
    return entity


def _wanting(entry: LdapEntry, attribute: str | None) -> str:
    found = len(entry.raw(attribute or ""))
    return f"its attribute '{attribute}' has {found} values, not one" if found else f"it has no attribute '{attribute}'"


def _fill(target: dict[str, Any], field: str, value: str | None) -> None:
    if value is not None:
        target[field] = value


def _picture(vendor: LdapVendor, entry: LdapEntry, attribute: str | None) -> str | None:
    """Return a picture's URL: the attribute's, or one that holds the whole picture."""
    for value in entry.raw(attribute or ""):
        for start, type_ in PICTURES.items():
            if value.startswith(start):
                return f"data:image/{type_};base64,{base64.b64encode(value).decode()}"
    return vendor.text(entry, attribute)


def _put(entity: Entity, path: str, value: object) -> None:
    """Set a field, and make the objects on the way to it."""
    *way, last = (str(part) for part in parse_path(path))
    at: dict[str, Any] = entity
    for part in way:
        if not isinstance(at.get(part), dict):
            at[part] = {}
        at = at[part]
    at[last] = value
