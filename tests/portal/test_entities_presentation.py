"""How entities are called on pages."""

import pytest

from portal.entities import entity_subtitle, entity_title, initials_of


def entity(*, kind="Component", namespace="default", title=None, display_name=None, **more):
    made = {"kind": kind, "metadata": {"name": "Shop", "namespace": namespace}, "spec": {}}
    if title is not None:
        made["metadata"]["title"] = title
    if display_name is not None:
        made["spec"]["profile"] = {"displayName": display_name}
    made["spec"].update(more)
    return made


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (entity(display_name="Display", title="Title"), "Display"),
        (entity(title="Title"), "Title"),
        (entity(title="", display_name=""), "Shop"),
        (entity(title=7, display_name=7), "Shop"),
        (entity(namespace="acme"), "acme/Shop"),
        ({"kind": "Component", "metadata": {"name": "Shop"}}, "Shop"),
        ("component:default/shop", "shop"),
        ("component:acme/shop", "acme/shop"),
    ],
)
def test_the_title_is_the_best_name_there_is(made, expected):
    assert entity_title(made) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"default_kind": "component"}, "Shop"),
        ({"default_kind": "API"}, "component:Shop"),
        ({"default_namespace": "acme"}, "default/Shop"),
        ({"default_kind": "API", "default_namespace": "acme"}, "component:default/Shop"),
    ],
)
def test_the_title_says_what_the_page_does_not(options, expected):
    assert entity_title(entity(), **options) == expected
    assert entity_title(entity(title="Title"), **options) == "Title"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (entity(), "component:default/shop"),
        (entity(title="component:default/shop"), ""),
        (entity(type="service"), "component:default/shop | service"),
        ("component:acme/shop", "component:acme/shop"),
    ],
)
def test_the_subtitle_tells_entities_of_one_title_apart(made, expected):
    assert entity_subtitle(made) == expected


def test_the_subtitle_ends_with_the_description():
    made = entity(title="The shop", type="service")
    made["metadata"]["description"] = "Sells things"
    assert entity_subtitle(made) == "component:default/shop | service | Sells things"


@pytest.mark.parametrize(
    ("title", "initials"), [("Jane Doe", "JD"), ("plato", "P"), ("émile édouard zola", "ÉÉ"), ("  ", "")]
)
def test_initials_are_those_of_the_first_two_words(title: str, initials: str):
    assert initials_of(title) == initials
