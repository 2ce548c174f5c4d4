"""Entity refs: ``[<kind>:][<namespace>/]<name>``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.entities import EntityRef, humanize_ref, parse_ref, ref_of, stringify_ref
from portal.errors import InputError

KINDS = st.text(st.characters(exclude_characters=":/\0", exclude_categories=["Cs"]), min_size=1, max_size=8)
NAMESPACES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8)
NAME_CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"]) | st.sampled_from(":/")
NAMES = st.text(NAME_CHARACTERS, min_size=1, max_size=8)
REFS = st.builds(EntityRef, KINDS, NAMESPACES, NAMES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("component:default/shop", ("component", "default", "shop")),
        ("component:shop", ("component", "default", "shop")),
        ("Component:Acme/Shop", ("Component", "Acme", "Shop")),
        # The kind ends at the first colon, the namespace at the first slash.
        ("a:b:c/d", ("a", "b:c", "d")),
        ("k:ns/a/b", ("k", "ns", "a/b")),
        # No character is forbidden.
        ("not a ref:::", ("not a ref", "default", "::")),
    ],
)
def test_a_ref_has_up_to_three_parts(text, expected):
    assert parse_ref(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("shop", ("Group", "acme", "shop")),
        ("ns/shop", ("Group", "ns", "shop")),
        ("user:shop", ("user", "acme", "shop")),
        # A slash before every colon: the text names no kind.
        ("ns/b:c", ("Group", "ns", "b:c")),
    ],
)
def test_absent_parts_come_from_the_defaults(text, expected):
    assert parse_ref(text, default_kind="Group", default_namespace="acme") == expected


@pytest.mark.parametrize("text", ["", ":", ":shop", "component:", "component:/shop", "/shop", "component:ns/", "ns/"])
def test_no_part_may_be_empty(text):
    with pytest.raises(InputError, match=r"is not an entity ref; expected \[<kind>:\]\[<namespace>/\]<name>"):
        parse_ref(text, default_kind="Component")


def test_a_ref_without_a_kind_is_refused_where_none_can_be_assumed():
    with pytest.raises(InputError, match='The entity ref "shop" names no kind'):
        parse_ref("shop")


def test_the_parts_may_come_as_an_object():
    assert parse_ref({"kind": "API", "name": "Orders"}) == ("API", "default", "Orders")
    assert parse_ref({"name": "orders", "namespace": "ns"}, default_kind="API") == ("API", "ns", "orders")


@pytest.mark.parametrize("ref", [7, None, ["component:shop"], {"kind": "API"}, {"kind": 1, "name": "x"}, {"name": "x"}])
def test_other_values_are_no_refs(ref):
    with pytest.raises(InputError, match="entity ref"):
        parse_ref(ref)


def test_the_ref_of_an_entity_has_a_namespace_even_if_the_entity_states_none():
    assert ref_of({"kind": "User", "metadata": {"name": "Jane"}}) == EntityRef("User", "default", "Jane")
    assert ref_of({"kind": "User", "metadata": {"name": "Jane", "namespace": "hr"}}) == EntityRef("User", "hr", "Jane")


def test_the_canonical_text_is_lowercase_and_complete():
    assert str(EntityRef("User", "Default", "Jane.Doe")) == "user:default/jane.doe"
    assert str(EntityRef("ΑΣ", "default", "ΑΣ")) == "ας:default/ας"
    assert stringify_ref("User:Jane") == "user:default/jane"
    assert stringify_ref({"kind": "User", "name": "Jane"}) == "user:default/jane"
    assert stringify_ref({"kind": "User", "metadata": {"name": "Jane"}}) == "user:default/jane"


@pytest.mark.parametrize(
    ("ref", "options", "expected"),
    [
        ("Component:default/Shop", {}, "component:Shop"),
        ("component:acme/shop", {}, "component:acme/shop"),
        ("component:default/shop", {"default_kind": "Component"}, "shop"),
        ("api:default/shop", {"default_kind": "component"}, "api:shop"),
        ("component:acme/shop", {"default_kind": "component", "default_namespace": "acme"}, "shop"),
        ("component:default/shop", {"default_namespace": "acme"}, "component:default/shop"),
    ],
)
def test_people_read_only_the_parts_that_matter(ref, options, expected):
    assert humanize_ref(ref, **options) == expected


@given(REFS)
def test_parts_can_be_read_back_from_a_full_text(ref):
    assert parse_ref(f"{ref.kind}:{ref.namespace}/{ref.name}") == ref
    assert parse_ref(ref._asdict()) == ref


@given(REFS)
def test_the_canonical_text_means_the_same_entity_and_stays_as_it_is(ref):
    canonical = str(ref)
    assert str(parse_ref(canonical)) == stringify_ref(canonical) == canonical == canonical.lower()


@given(st.builds(EntityRef, *[st.from_regex("[a-zA-Z0-9._-]+", fullmatch=True)] * 3))
def test_case_makes_no_other_entity(ref):
    upper = f"{ref.kind}:{ref.namespace}/{ref.name}".upper()
    assert stringify_ref(upper) == stringify_ref(upper.lower()) == str(ref)


@given(st.builds(EntityRef, KINDS, st.just("default") | st.from_regex("[a-z0-9]+", fullmatch=True), KINDS))
def test_a_human_ref_leads_back_to_the_entity(ref):
    assert str(parse_ref(humanize_ref(ref))) == str(ref)
    shorter = humanize_ref(ref, default_kind=ref.kind, default_namespace=ref.namespace)
    assert shorter == ref.name


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("component:default/" + "x" * 495, "has 513 characters; more than 512 can't be stored"),
        # In lowercase it takes two.
        ("component:default/" + "\u0130" * 248, "more than 512"),
        ({"kind": "API", "name": "a\0b"}, r'"api:default/a\\u0000b" holds a NUL character'),
    ],
)
def test_what_no_table_holds_is_no_ref(ref, words):
    with pytest.raises(InputError, match=words):
        parse_ref(ref)


def test_a_ref_may_be_as_long_as_tables_hold():
    assert parse_ref("component:default/" + "x" * 494).name == "x" * 494


@given(st.text(st.sampled_from("ab:/ É") | st.characters(exclude_categories=["Cs"])))
def test_any_text_is_a_ref_or_told_what_is_wrong(text):
    try:
        ref = parse_ref(text, default_kind="Component")
    except InputError:
        assert text == "" or text[0] in ":/" or text[-1] in ":/" or ":/" in text or "\0" in text
    else:
        assert all(ref)
