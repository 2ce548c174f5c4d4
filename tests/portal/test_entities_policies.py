"""What every entity has to keep, whatever its kind: the envelope, the schema of all entities, the formats of fields."""

import copy
from typing import Any

import pytest

from portal.entities import (
    DEFAULT_FORMATS,
    Entity,
    Format,
    apply_policies,
    group_default_parent,
    validate_entity,
    validate_envelope,
)
from portal.errors import InputError

ENTITY: Entity = {
    "apiVersion": "backstage.io/v1alpha1",
    "kind": "Component",
    "metadata": {
        "name": "shop",
        "namespace": "acme",
        "title": "The shop",
        "description": "",
        "labels": {"tier": "gold", "acme.example/team": ""},
        "annotations": {"backstage.io/techdocs-ref": "dir:.", "empty": ""},
        "tags": ["java", "c++", "c#", "a:b", "two-words"],
        "links": [{"url": "mailto:shop@acme.example", "title": "Mail", "icon": "mail", "type": "contact"}],
        "anything": [{"else": None}],
    },
    "spec": {"free": True},
}


def entity_with(path, value):
    """Return the entity above with the value at ``path`` replaced, or removed if ``value`` is an ellipsis."""
    entity = copy.deepcopy(ENTITY)
    *parents, last = path.split("/")
    target: Any = entity
    for part in parents:
        target = target[int(part) if isinstance(target, list) else part]
    if value is ...:
        del target[last]
    else:
        target[int(last) if isinstance(target, list) else last] = value
    return entity


def test_a_good_entity_passes_unchanged():
    entity = copy.deepcopy(ENTITY)
    validate_envelope(entity)
    assert apply_policies(entity) == ENTITY
    assert entity == ENTITY


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("apiVersion", ..., '"apiVersion" is missing'),
        ("kind", ..., '"kind" is missing'),
        ("kind", "", '"kind" is not valid; expected a text that isn\'t empty but found ""'),
        ("kind", 7, '"kind" is not valid; expected a text but found 7'),
        ("metadata", ..., '"metadata" is missing'),
        ("metadata/name", ..., '"metadata.name" is missing'),
        ("metadata/namespace", "", '"metadata.namespace" is not valid; expected a text that isn\'t empty'),
        ("metadata/namespace", None, '"metadata.namespace" is not valid; expected a text but found null'),
    ],
)
def test_the_envelope_names_the_entity(path, value, message):
    with pytest.raises(InputError) as caught:
        validate_envelope(entity_with(path, value))
    assert message in caught.value.message


@pytest.mark.parametrize("value", [None, "text", [], 7])
def test_what_is_no_object_has_no_envelope(value):
    with pytest.raises(InputError, match='"<root>" is not valid; expected an object'):
        validate_envelope(value)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("metadata/name", "x" * 500, "more than 512 can't be stored"),
        ("metadata/namespace", "a\0", "holds a NUL character"),
        ("kind", "a\0", "holds a NUL character"),
    ],
)
def test_the_envelope_holds_a_ref_that_can_be_stored(path, value, message):
    with pytest.raises(InputError, match=message):
        validate_envelope(entity_with(path, value))


def test_the_envelope_looks_at_nothing_else():
    validate_envelope({"apiVersion": "?", "kind": "?", "metadata": {"name": "?", "tags": 7}, "status": 7, "spec": 7})


def test_every_failure_is_told_at_once():
    with pytest.raises(InputError) as caught:
        validate_envelope({"kind": 7, "metadata": {}})
    for field in ("apiVersion", "kind", "metadata.name"):
        assert f'"{field}"' in caught.value.message


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("unknown", 1, '"unknown" is not a field that can stand here'),
        ("spec", [], '"spec" is not valid; expected an object but found []'),
        ("metadata/title", "", '"metadata.title" is not valid'),
        ("metadata/description", None, '"metadata.description" is not valid; expected a text but found null'),
        ("metadata/labels", [], '"metadata.labels" is not valid; expected an object'),
        ("metadata/labels/tier", 1, '"metadata.labels.tier" is not valid; expected a text but found 1'),
        (
            "metadata/annotations/empty",
            True,
            '"metadata.annotations.empty" is not valid; expected a text but found true',
        ),
        ("metadata/tags/0", 1, '"metadata.tags.0" is not valid; expected a text but found 1'),
        ("metadata/tags/0", "", '"metadata.tags.0" is not valid; expected a text that isn\'t empty'),
        ("metadata/links/0/url", ..., '"metadata.links.0.url" is missing'),
        ("metadata/links/0/type", 7, '"metadata.links.0.type" is not valid'),
    ],
)
def test_the_schema_of_all_entities_is_kept(path, value, message):
    with pytest.raises(InputError) as caught:
        apply_policies(entity_with(path, value))
    assert caught.value.message.startswith("Policy check failed for component:acme/shop: ")
    assert message in caught.value.message


@pytest.mark.parametrize("field", ["relations", "status"])
def test_a_source_can_not_state_what_the_catalog_adds(field):
    entity = {**ENTITY, field: [] if field == "relations" else {}}
    validate_entity(entity)
    with pytest.raises(InputError, match=f'"{field}" is not a field that can stand here'):
        apply_policies(entity)


@pytest.mark.parametrize(
    "part",
    [
        {"relations": [{"type": "ownedBy"}]},
        {"relations": [{"type": "owned by", "targetRef": "group:default/x"}]},
        {"relations": [{"type": "ownedBy", "targetRef": "group:default/x", "target": {}}]},
        {"status": {"items": [{"type": "x", "level": "fatal", "message": "m"}]}},
        {"status": {"items": [{"type": "x", "level": "error", "message": "m", "error": {"name": "E"}}]}},
    ],
)
def test_what_the_catalog_adds_has_a_schema_too(part):
    with pytest.raises(InputError):
        validate_entity({**ENTITY, **part})


def test_an_entity_without_a_namespace_gets_the_default_one():
    entity = entity_with("metadata/namespace", ...)
    assert apply_policies(entity)["metadata"]["namespace"] == "default"
    assert "namespace" not in entity["metadata"]


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("apiVersion", ["v1", "a.b/v1", "a-b.c/1x"], ["a/b/c", "A.b/v1", "a/", "/v1", "v.1", "a/v_1", f"a/{'v' * 64}"]),
        ("kind", ["C", "API", "c1"], ["1c", "my-kind", "é", "K" * 64]),
        ("metadata/name", ["a", "A.b_c-d", "1", "n" * 63], ["-a", "a-", "a b", "a/b", "é", "n" * 64, "a\n"]),
        ("metadata/namespace", ["a", "a-b", "a--b", "1"], ["A", "a_b", "a.b", "-a", "a-", "n" * 64]),
        ("metadata/labels/tier", ["", "a", "A.b", "v" * 63], ["a b", "-", "v" * 64]),
        ("metadata/annotations/empty", ["", "anything at all: é\n"], []),
        ("metadata/tags/0", ["a", "c++", "c#", "a:b", "a-b", "t" * 63], ["A", "a b", "a--b", "-a", "a_b", "t" * 64]),
        ("metadata/links/0/url", ["https://x", "mailto:x", "urn:a"], ["x", "//x", "/x", "http://"]),
        ("metadata/links/0/title", ["x", " x "], [" ", "\t"]),
        ("metadata/links/0/icon", ["x"], [" "]),
        ("metadata/links/0/type", [" "], []),
    ],
)
def test_fields_have_formats(path, good, bad):
    for value in good:
        apply_policies(entity_with(path, value))
    for value in bad:
        with pytest.raises(InputError, match="is not valid; expected"):
            apply_policies(entity_with(path, value))


@pytest.mark.parametrize("field", ["labels", "annotations"])
@pytest.mark.parametrize(
    ("key", "is_good"),
    [
        ("a", True),
        ("A.b_c", True),
        ("acme.example/a", True),
        ("a" * 63, True),
        (f"{'.'.join(['a' * 63] * 3)}.{'a' * 61}/a", True),
        (f"{'.'.join(['a' * 63] * 3)}.{'a' * 62}/a", False),
        ("", False),
        ("a" * 64, False),
        ("a b", False),
        ("UPPER.com/a", False),
        ("a/b/c", False),
        ("/a", False),
        ("a/", False),
    ],
)
def test_keys_of_labels_and_annotations_may_have_a_prefix(field, key, is_good):
    entity = entity_with(f"metadata/{field}", {key: "x"})
    if is_good:
        apply_policies(entity)
    else:
        with pytest.raises(InputError) as caught:
            apply_policies(entity)
        assert f'"{field}.{key}" is not valid; expected [<prefix>/]<name>' in caught.value.message


def test_a_message_names_the_entity_the_field_the_rule_and_the_value():
    with pytest.raises(InputError) as caught:
        apply_policies(entity_with("metadata/tags/1", "Upper Case"))
    assert caught.value.message == (
        'Policy check failed for component:acme/shop: "tags.1" is not valid; expected lowercase letters, digits '
        'and [:+#], which may be separated by single hyphens, 63 characters at most but found "Upper Case"'
    )


def test_a_format_can_be_replaced():
    formats = DEFAULT_FORMATS._replace(tag=Format(lambda value: value == "UPPER", "the word UPPER"))
    apply_policies(entity_with("metadata/tags", ["UPPER"]), formats)
    with pytest.raises(InputError, match=r'"tags\.0" is not valid; expected the word UPPER but found "java"'):
        apply_policies(ENTITY, formats)


def test_policies_can_be_added_after_the_usual_ones():
    def has_owner(entity):
        assert entity["metadata"]["namespace"] == "default"
        raise InputError('"spec.owner" is missing')

    with pytest.raises(InputError, match=r'Policy check failed for component:default/shop: "spec\.owner" is missing'):
        apply_policies(entity_with("metadata/namespace", ...), extra=[has_owner])


def test_groups_can_be_put_under_a_parent():
    def group(name, **spec):
        return {"apiVersion": "v1", "kind": "Group", "metadata": {"name": name}, "spec": spec}

    policy = group_default_parent("Group:Acme")
    assert policy(group("team"))["spec"] == {"parent": "group:default/acme"}
    assert policy(group("team", parent="other"))["spec"] == {"parent": "other"}
    assert policy(group("acme"))["spec"] == {}
    assert policy({**group("user"), "kind": "User"})["spec"] == {}
