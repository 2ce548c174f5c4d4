"""Who belongs to which group, and which group to which other, from whichever side a directory tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from apps.catalog.modules.ldap.entities import ANNOTATION_DN, ANNOTATION_RDN, ANNOTATION_UUID
from apps.catalog.modules.organization import annotation, complete_hierarchy
from portal.entities import Entity

#: The signs that take a DN apart, with the spaces around them, which count for nothing.
_SEPARATORS = re.compile(r"(?<!\\)\s*([,=+])\s*")

#: The DN of an entry, and what it names: DNs, ids, or names.
Links = list[tuple[str, list[str]]]


@dataclass
class Told:
    """What entries say of each other, as they say it."""

    #: Groups that a user is in.
    groups_of_users: Links = field(default_factory=list)
    #: Groups that a group is in.
    groups_of_groups: Links = field(default_factory=list)
    #: Users and groups in a group.
    members: Links = field(default_factory=list)


def relate(users: Mapping[str, Entity], groups: Mapping[str, Entity], told: Told) -> None:
    """Write into users and groups, which are by ref, what the entries say of each other.

    A group gets its parent if it is in exactly one other; of several, ``complete_hierarchy`` takes one. What isn't
    among the users and groups is left out.
    """
    user_of, group_of = _index(users), _index(groups)
    member_of: dict[str, set[str]] = {}
    parents: dict[str, set[str]] = {}
    children: dict[str, set[str]] = {}
    for user, group in _resolved(told.groups_of_users, user_of, group_of):
        member_of.setdefault(user, set()).add(group)
    for group, member in _resolved(told.members, group_of, user_of):
        member_of.setdefault(member, set()).add(group)
    nested = [(parent, child) for child, parent in _resolved(told.groups_of_groups, group_of, group_of)]
    # A name may be a user's and a group's: then it means the user.
    groups_only = {alias: ref for alias, ref in group_of.items() if alias not in user_of}
    for parent, child in [*nested, *_resolved(told.members, group_of, groups_only)]:
        parents.setdefault(child, set()).add(parent)
        children.setdefault(parent, set()).add(child)
    for ref, found in member_of.items():
        users[ref]["spec"]["memberOf"] = sorted(found)
    for ref, found in parents.items():
        if len(found) == 1:
            groups[ref]["spec"]["parent"] = min(found)
    for ref, found in children.items():
        groups[ref]["spec"]["children"] = sorted(found)
    complete_hierarchy(groups)


def _resolved(links: Links, sources: Mapping[str, str], targets: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for source, names in links:
        ref = sources.get(_plain(source))
        if ref is not None:
            found = (targets.get(_plain(name)) for name in names)
            yield from ((ref, target) for target in found if target is not None)


def _index(entities: Mapping[str, Entity]) -> dict[str, str]:
    """Return the refs of entities by all that others may call them; what is more exact goes first."""
    index = {ref: ref for ref in entities}
    for name in (ANNOTATION_DN, ANNOTATION_UUID, ANNOTATION_RDN):
        for ref, alias in _aliases(entities, name):
            index.setdefault(_plain(alias), ref)
    return index


def _aliases(entities: Mapping[str, Entity], name: str) -> Iterable[tuple[str, str]]:
    return ((ref, alias) for ref, entity in entities.items() if (alias := annotation(entity, name)))


def _plain(name: str) -> str:
    """Return a DN, or what else names an entry, without the differences that count for nothing."""
    return _SEPARATORS.sub(r"\1", name).lower()
