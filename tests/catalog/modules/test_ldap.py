"""The module that brings the users and groups of an LDAP directory, with a real slapd."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.models import RefreshState
from apps.catalog.modules.ldap.conf import EntriesConfig
from apps.catalog.modules.ldap.entities import default_user_transformer
from apps.catalog.modules.ldap.extension_points import LdapTransforms
from apps.catalog.modules.ldap.relations import Told, relate
from apps.catalog.modules.ldap.vendors import LdapEntry, LdapVendor
from portal.entities import Entity
from portal.errors import ConflictError, InputError
from portal.services import services
from portal.services.scheduler import RunStopped, StopReason
from portal.testing import FakeLogger
from tests.catalog.modules.kit import installed, refresh, running, unprocessed
from tests.catalog.modules.ldap_kit import KEY, MODULE, NAME, config, found
from tests.catalog.modules.ldap_server import PEOPLE, SIZE_LIMIT, SUFFIX, TEAMS, LdapServer
from tests.catalog.modules.organization_transforms import transforming

# A run


def test_people_become_users(ldap: LdapServer) -> None:
    user = found(ldap)["user:default/jane"]
    dn = f"uid=jane,{PEOPLE}"
    place = "ldap://acme/uid%3Djane%2Cou%3Dpeople%2Cdc%3Dexample%2Cdc%3Dcom"
    annotations = user["metadata"]["annotations"]
    assert user["key"] == "ldap-org-provider:acme"
    assert user["apiVersion"] == "backstage.io/v1beta1"
    assert uuid.UUID(annotations.pop("backstage.io/ldap-uuid")).version
    assert annotations == {
        "backstage.io/ldap-dn": dn,
        "backstage.io/ldap-rdn": "jane",
        "backstage.io/managed-by-location": place,
        "backstage.io/managed-by-origin-location": place,
    }
    assert "description" not in user["metadata"]
    profile = {"displayName": "Jane", "email": "jane@example.com"}
    assert user["spec"] == {"profile": profile, "memberOf": ["group:default/web"]}


def test_groups_become_groups_within_groups(ldap: LdapServer) -> None:
    entities = found(ldap)
    web, product = entities["group:default/web"], entities["group:default/product"]
    assert web["metadata"]["description"] == "The web."
    assert web["metadata"]["annotations"]["backstage.io/ldap-dn"] == f"cn=web,{TEAMS}"
    assert web["spec"] == {
        "type": "unknown",
        "profile": {"displayName": "web"},
        "children": [],
        "parent": "group:default/product",
    }
    assert product["spec"]["children"] == ["group:default/web"]
    assert "parent" not in product["spec"]
    assert entities["user:default/ann"]["spec"]["memberOf"] == ["group:default/product"]


def test_several_blocks_are_read_one_after_the_other(ldap: LdapServer) -> None:
    ldap.add(f"ou=guests,{SUFFIX}", objectClass="organizationalUnit", ou="guests")
    guest = f"uid=joe,ou=guests,{SUFFIX}"
    ldap.add(guest, objectClass="inetOrgPerson", cn="Joe", sn="Joe")
    ldap.add_team("guests", guest)
    entities = found(
        ldap, users=[{"dn": PEOPLE}, {"dn": f"ou=guests,{SUFFIX}", "set": {"metadata.namespace": "guests"}}]
    )
    assert {ref for ref in entities if ref.startswith("user:")} == {
        "user:default/jane",
        "user:default/ann",
        "user:guests/joe",
    }
    assert entities["user:guests/joe"]["spec"]["memberOf"] == ["group:default/guests"]


def test_a_block_may_be_missing(ldap: LdapServer) -> None:
    assert {ref.partition(":")[0] for ref in found(ldap, users=None)} == {"group"}
    RefreshState.objects.all().delete()
    assert {ref.partition(":")[0] for ref in found(ldap, groups=[])} == {"user"}


def test_a_map_names_other_attributes_and_false_takes_none(ldap: LdapServer) -> None:
    users = {"dn": PEOPLE, "map": {"name": "cn", "displayName": "sn", "description": "description", "email": False}}
    user = found(ldap, users=users)["user:default/jane"]
    assert user["metadata"]["description"] == "Writes."
    assert user["spec"]["profile"] == {"displayName": "Jane"}
    groups = found(ldap, groups={"dn": TEAMS, "map": {"type": "description"}})
    assert groups["group:default/web"]["spec"]["type"] == "The web."
    assert groups["group:default/product"]["spec"]["type"] == "unknown"


@pytest.mark.parametrize("nothing", [None, False])
def test_one_side_of_memberships_may_be_left_out(ldap: LdapServer, nothing: object) -> None:
    ldap.change(f"cn=web,{TEAMS}", description=f"cn=product,{TEAMS}")
    # Members tell the one thing, and an attribute that people fill in the other.
    by_members = found(ldap, users=[{"dn": PEOPLE, "map": {"memberOf": nothing}}])
    assert by_members["user:default/jane"]["spec"]["memberOf"] == ["group:default/web"]
    by_nobody = found(
        ldap,
        users=[{"dn": PEOPLE, "map": {"memberOf": nothing}}],
        groups=[{"dn": TEAMS, "map": {"members": nothing, "memberOf": "description"}}],
    )
    assert by_nobody["user:default/jane"]["spec"]["memberOf"] == []
    assert by_nobody["group:default/web"]["spec"]["parent"] == "group:default/product"


def test_set_puts_values_anywhere(ldap: LdapServer) -> None:
    settings = {"metadata.namespace": "people", "metadata.annotations['acme.com/from']": "ldap", "spec.a.b": [1]}
    user = found(ldap, users={"dn": PEOPLE, "set": settings})["user:people/jane"]
    assert user["metadata"]["annotations"]["acme.com/from"] == "ldap"
    assert user["spec"]["a"] == {"b": [1]}
    assert user["spec"]["memberOf"] == ["group:default/web"]


def test_options_choose_scope_filter_and_attributes(ldap: LdapServer) -> None:
    users = {
        "dn": SUFFIX,
        "options": {"scope": "sub", "filter": "(&\n  (objectClass=inetOrgPerson)\n  (!(uid=ann))\n)"},
    }
    assert "user:default/jane" in (entities := found(ldap, users=users, groups=None))
    assert "user:default/ann" not in entities
    few = {"dn": f"uid=jane,{PEOPLE}", "options": {"scope": "base", "attributes": "uid"}}
    user = found(ldap, users=few, groups=None)["user:default/jane"]
    assert user["spec"] == {"profile": {}, "memberOf": []}
    # What the server keeps isn't asked for then, but an entry's DN comes with it.
    assert user["metadata"]["annotations"]["backstage.io/ldap-dn"] == f"uid=jane,{PEOPLE}"
    assert "backstage.io/ldap-uuid" not in user["metadata"]["annotations"]


def test_what_is_gone_is_removed_at_the_next_run(ldap: LdapServer) -> None:
    found(ldap)
    ldap.remove(f"uid=jane,{PEOPLE}")
    assert "user:default/jane" not in found(ldap)


def test_a_photo_becomes_a_picture(ldap: LdapServer) -> None:
    ldap.change(f"uid=jane,{PEOPLE}", jpegPhoto=b"\xff\xd8\xff\xe0photo")
    ldap.change(f"uid=ann,{PEOPLE}", description="https://example.com/ann.png")
    photos = found(ldap, users={"dn": PEOPLE, "map": {"picture": "jpegPhoto"}})
    assert photos["user:default/jane"]["spec"]["profile"]["picture"] == "data:image/jpeg;base64,/9j/4HBob3Rv"
    links = found(ldap, users={"dn": PEOPLE, "map": {"picture": "description"}})
    assert links["user:default/ann"]["spec"]["profile"]["picture"] == "https://example.com/ann.png"


def test_groups_that_name_members_by_their_ids_alone_are_understood(ldap: LdapServer) -> None:
    ldap.add(f"cn=unix,{TEAMS}", objectClass="posixGroup", gidNumber="100", memberUid=["jane", "nobody"])
    entities = found(ldap, groups={"dn": TEAMS, "options": {"filter": "(cn=unix)"}, "map": {"members": "memberUid"}})
    assert entities["user:default/jane"]["spec"]["memberOf"] == ["group:default/unix"]


def test_groups_in_a_circle_are_parents_of_each_other(ldap: LdapServer) -> None:
    ldap.add_team("a", f"cn=b,{TEAMS}")
    ldap.add_team("b", f"cn=a,{TEAMS}", f"cn=b,{TEAMS}")
    entities = found(ldap)
    assert entities["group:default/a"]["spec"]["children"] == ["group:default/b"]
    assert entities["group:default/b"]["spec"]["children"] == ["group:default/a", "group:default/b"]
    assert entities["group:default/a"]["spec"]["parent"] == "group:default/b"


def test_of_two_entries_with_one_name_the_first_counts_and_a_warning_names_both(ldap: LdapServer) -> None:
    ldap.add_person("jane2", cn="Jane", mail="other@example.com")
    with installed(MODULE, config(ldap, users={"dn": PEOPLE, "map": {"name": "cn"}})):
        services["logger"] = fake_logger = FakeLogger()
        refresh(NAME)
    assert unprocessed()["user:default/jane"]["spec"]["profile"]["email"] == "jane@example.com"
    (line,) = [line for line in fake_logger.lines if line.level == "warning"]
    assert line.fields["count"] == 1
    example = f"user:default/jane: 'uid=jane2,{PEOPLE}' gives way to 'uid=jane,{PEOPLE}'"
    assert line.fields["examples"] == [example]


# A large directory


def test_a_team_of_five_thousand_and_as_many_people_are_read_in_pages(ldap: LdapServer) -> None:
    people = [f"uid=p{number},{PEOPLE}" for number in range(5000)]
    ldap.add_team("everybody", *people)
    for number in range(2 * SIZE_LIMIT):
        ldap.add_person(f"p{number}")
    assert ldap.count_attribute(f"cn=everybody,{TEAMS}", "member") == 5000
    entities = found(ldap, users={"dn": PEOPLE, "options": {"paged": {"pageSize": 20, "pagePause": True}}})
    members = [one for one in entities.values() if "group:default/everybody" in one["spec"].get("memberOf", ())]
    assert len(members) == 2 * SIZE_LIMIT


def test_a_server_that_cuts_the_answer_short_changes_nothing_and_the_message_says_what_helps(ldap: LdapServer) -> None:
    before = found(ldap)
    for number in range(SIZE_LIMIT):
        ldap.add_person(f"p{number}")
    with pytest.raises(InputError, match=rf"sizeLimitExceeded\. Set {KEY}\.users\.options\.paged: true"):
        found(ldap)
    with pytest.raises(InputError, match=rf"Raise {KEY}\.users\.options\.sizeLimit"):
        found(ldap, users={"dn": PEOPLE, "options": {"sizeLimit": 3}})
    with pytest.raises(
        InputError, match=rf"adminLimitExceeded .*Set a smaller {KEY}\.users\.options\.paged\.pageSize than 500"
    ):
        found(ldap, users={"dn": PEOPLE, "options": {"paged": True}})
    assert unprocessed() == before


def test_a_run_that_is_told_to_stop_changes_nothing(ldap: LdapServer) -> None:
    with installed(MODULE, config(ldap)), running() as run:
        run.stop(StopReason.TIMEOUT)
        with pytest.raises(RunStopped):
            refresh(NAME)
    assert not unprocessed()


# Relations


def group(name: str, dn: str) -> Entity:
    """Return a group, on its own."""
    metadata = {"name": name, "annotations": {"backstage.io/ldap-dn": dn, "backstage.io/ldap-rdn": name}}
    return {"kind": "Group", "metadata": metadata, "spec": {"children": []}}


def test_case_and_spaces_in_names_count_for_nothing() -> None:
    groups = {"group:default/a": group("a", "CN=A,OU=T"), "group:default/b": group("b", r"cn=b\, c,ou=t")}
    relate({}, groups, Told(members=[("cn=a, ou=t", [r"CN=B\, C , OU=T"])]))
    assert groups["group:default/a"]["spec"]["children"] == ["group:default/b"]
    assert groups["group:default/b"]["spec"]["parent"] == "group:default/a"


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20))
def test_parents_and_children_agree_whatever_is_told(pairs: list[tuple[int, int]]) -> None:
    groups = {f"group:default/g{n}": group(f"g{n}", f"cn=g{n}") for n in range(6)}
    relate({}, groups, Told(members=[(f"cn=g{parent}", [f"cn=g{child}"]) for parent, child in pairs]))
    told = {(f"group:default/g{parent}", f"group:default/g{child}") for parent, child in pairs}
    assert {(ref, child) for ref, entity in groups.items() for child in entity["spec"]["children"]} == told
    for ref, entity in groups.items():
        parents = {parent for parent, child in told if child == ref}
        assert entity["spec"].get("parent", "") in (parents or {""})


# What other modules add


def transformed(vendor: LdapVendor, config: EntriesConfig, entry: LdapEntry) -> Entity | None:
    """Make a user as the module does, but for Ann."""
    entity = default_user_transformer(vendor, config, entry)
    if entity is not None:
        entity["metadata"]["title"] = vendor.text(entry, "sn")
    return None if vendor.text(entry, "uid") == "ann" else entity


@pytest.mark.parametrize("chosen", [transformed, {"acme": transformed}])
def test_another_module_may_make_users_in_its_own_way(ldap: LdapServer, chosen: Any) -> None:
    with transforming(LdapTransforms, lambda transforms: transforms.set_user_transformer(chosen)):
        entities = found(ldap)
    assert entities["user:default/jane"]["metadata"]["title"] == "Jane"
    assert entities["user:default/jane"]["spec"]["memberOf"] == ["group:default/web"]
    assert "user:default/ann" not in entities


def test_a_transformer_of_one_provider_leaves_the_others_alone(ldap: LdapServer) -> None:
    with transforming(LdapTransforms, lambda transforms: transforms.set_group_transformer({"other": lambda *_: None})):
        assert "group:default/web" in found(ldap)
    with transforming(LdapTransforms, lambda transforms: transforms.set_group_transformer(lambda *_: None)):
        assert "group:default/web" not in found(ldap)


def test_another_module_may_know_a_maker(ldap: LdapServer) -> None:
    with transforming(
        LdapTransforms, lambda transforms: transforms.set_vendor(lambda root, known: LdapVendor("dn", "mail"))
    ):
        annotations = found(ldap)["user:default/jane"]["metadata"]["annotations"]
    assert annotations["backstage.io/ldap-uuid"] == "jane@example.com"


def test_two_modules_that_set_the_same_are_named(ldap: LdapServer) -> None:
    transforms = LdapTransforms()
    transforms.set_user_transformer(transformed)
    with pytest.raises(ConflictError, match="transformer for users of LDAP directories is set twice"):
        transforms.set_user_transformer(transformed)
