"""Users, groups and who belongs to which, as Microsoft Graph shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from apps.catalog.modules.msgraph.conf import MicrosoftGraphConfig, Query
from apps.catalog.modules.msgraph.entities import ANNOTATION_GROUP, ANNOTATION_TENANT, ANNOTATION_USER
from apps.catalog.modules.msgraph.graph import Graph, Node
from apps.catalog.modules.organization import EXAMPLES, annotation, complete_hierarchy, inherited
from apps.catalog.modules.parallel import in_parallel
from portal.entities import Entity
from portal.errors import InputError, ServiceUnavailableError
from portal.services import logger

GROUP = "#microsoft.graph.group"
USER = "#microsoft.graph.user"


@dataclass
class Members:
    """Who belongs to which group, by their ids."""

    #: The groups that a user is in.
    groups_of: dict[str, list[str]] = field(default_factory=dict)
    #: The groups that are in a group.
    groups_in: dict[str, list[str]] = field(default_factory=dict)

    def add(self, group: str, members: Iterable[Node]) -> None:
        """Take down who is in a group."""
        for member in members:
            if member["@odata.type"] == USER:
                self.groups_of.setdefault(member["id"], []).append(group)
            else:
                self.groups_in.setdefault(group, []).append(member["id"])


def wanted_users(graph: Graph, config: MicrosoftGraphConfig) -> Iterator[tuple[Node, str | None]]:
    """Yield the users that a provider is for, with their photos if they are wanted."""
    users = graph.nodes(config.users) if config.members_of is None else _users_in_groups(graph, config)
    if not config.load_photos:
        yield from ((user, None) for user in users)
        return
    failures: list[str] = []

    def photo(user: Node) -> str | None:
        try:
            return graph.photo(user["id"]) if user.get("id") else None
        except (InputError, ServiceUnavailableError) as error:
            failures.append(error.message)
            return None

    yield from in_parallel(photo, users)
    if failures:
        logger.for_plugin("catalog").warning(
            "Photos of users can't be loaded; set user.loadPhotos to false if they aren't wanted",
            provider=config.key,
            count=len(failures),
            examples=failures[:EXAMPLES],
        )


def wanted_groups(
    graph: Graph, config: MicrosoftGraphConfig, make: Callable[[Node], Entity | None], members: Members
) -> list[Entity]:
    """Return what becomes of the groups that a provider is for, and take down who is in them.

    ``make`` says what becomes of a group; who is in one that becomes nothing isn't asked.
    """
    groups = _made(graph.nodes(config.groups), make)
    inside: dict[str, Node] = {}
    for group, found in in_parallel(lambda one: _members(graph, one), groups):
        members.add(group, found)
        if config.include_sub_groups:
            inside |= {one["id"]: one for one in found if one["@odata.type"] == GROUP and one["id"] not in groups}
    sub_groups = _made(inside.values(), make)
    for group, found in in_parallel(lambda one: _members(graph, one), sub_groups):
        members.add(group, found)
    return [*groups.values(), *sub_groups.values()]


def relate(users: Mapping[str, Entity], groups: Mapping[str, Entity], members: Members) -> None:
    """Write into users and groups, which are by ref, who belongs to which; what is in none belongs to the root.

    A group that is in several has the last of them as its parent. Users are in the groups above theirs as well.
    """
    ref_of = {annotation(group, ANNOTATION_GROUP): ref for ref, group in groups.items()}
    # Those that bear no id, as the root doesn't.
    ref_of.pop("", None)
    root = next((ref for ref, group in groups.items() if annotation(group, ANNOTATION_TENANT)), None)
    for ref, group in groups.items():
        found = members.groups_in.get(annotation(group, ANNOTATION_GROUP), ())
        inside = [ref_of[child] for child in found if child in ref_of]
        group["spec"]["children"] += inside
        for child in inside:
            groups[child]["spec"]["parent"] = ref
    for ref, group in groups.items():
        if root is not None and ref != root and not group["spec"].get("parent"):
            group["spec"]["parent"] = root
    complete_hierarchy(groups)
    named: dict[str, list[str]] = {}
    for ref, group in groups.items():
        for member in group["spec"].get("members", ()):
            named.setdefault(member, []).append(ref)
    for ref, user in users.items():
        own = members.groups_of.get(annotation(user, ANNOTATION_USER), ())
        direct = [ref_of[group] for group in own if group in ref_of]
        user["spec"]["memberOf"] = inherited(groups, [*user["spec"].get("memberOf", ()), *direct, *named.get(ref, ())])


def _users_in_groups(graph: Graph, config: MicrosoftGraphConfig) -> Iterator[Node]:
    assert config.members_of is not None
    chosen = replace(config.members_of, expand=config.groups.expand, select=("id", "displayName"))

    def users_in(group: Node) -> list[Node]:
        return list(graph.nodes(replace(config.users, path=f"groups/{group['id']}/members/microsoft.graph.user")))

    found = {user["id"]: user for _, users in in_parallel(users_in, graph.nodes(chosen)) for user in users}
    yield from found.values()


def _made(groups: Iterable[Node], make: Callable[[Node], Entity | None]) -> dict[str, Entity]:
    made = ((group["id"], make(group)) for group in groups)
    return {known: entity for known, entity in made if entity is not None}


def _members(graph: Graph, group: str) -> list[Node]:
    """Return the users and groups in a group, without what else may be in one."""
    found = graph.nodes(Query(f"groups/{group}/members"))
    return [one for one in found if one.get("id") and one.get("@odata.type") in {USER, GROUP}]
