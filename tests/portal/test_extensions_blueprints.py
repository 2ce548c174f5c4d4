"""What every blueprint and every slot keeps to: attach, order, disable, override, fail, be configured wrongly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.http import HttpRequest

from portal.extensions import (
    Extension,
    ExtensionSpec,
    Input,
    Page,
    PageContext,
    Relative,
    get_tree,
    render_slot,
    resolve,
)
from portal.extensions.apis import ApiRef
from portal.extensions.discovery import installed_extensions
from portal.extensions.reference import blueprints
from portal.extensions.tree import Node
from portal.http.pages import PageView
from portal.plugins import installed_plugins
from tests.portal.trees import Box, spec

BLUEPRINTS = [one for one in blueprints(get_tree()) if not one.__module__.startswith("tests.")]


class SomeView(PageView):
    template_name = "testplugin/tab.html"


class Promise:
    """What a utility API may be."""


SOME_API: ApiRef[Promise] = ApiRef("toys.some", Promise)

#: What an extension must state to be one, by the kind of its blueprint. Who adds a blueprint adds a line, if it asks
#: for anything.
FACTS: dict[str, dict[str, Any]] = {
    "announcement": {"text": "The portal moves"},
    "api": {"ref": SOME_API, "create": lambda self: Promise()},
    "api-definition-widget": {"title": "Some", "types": ("some",)},
    "command": {"title": "Do it"},
    "component": {"template_name": "portal/components/progress.html"},
    "entity-content": {"path": "/some", "title": "Some"},
    "home-page-widget": {"title": "Some"},
    "icon-bundle": {"icons": {"rocket-science": "rocket"}},
    "page": {"path": "/some", "view": SomeView},
    "scaffolder-form-field": {"field_name": "SomePicker"},
    "search-filter-result-type": {"title": "Some", "value": "some"},
    "sub-page": {"path": "/some", "title": "Some", "view": SomeView},
    "theme": {"title": "Some"},
    "translation": {"messages": {"en": {"Settings": "Preferences"}}},
}
#: What breaks the blueprint's rules, and what the complaint says.
FAULTS: list[tuple[str, dict[str, Any], str]] = [
    ("addon", {"location": "roof"}, "its location is 'roof'"),
    ("announcement", {"severity": "info", "name": "no name"}, "its name 'no name'"),
    ("api-definition-widget", {"name": "/"}, "its name '/'"),
    ("command", {"title": ""}, "it has no title"),
    ("component", {"template_name": None}, "it needs a name and a template"),
    ("entity-content", {"title": ""}, "it has no title"),
    ("home-page-widget", {"width": 13}, "its size is 13 × 0"),
    ("home-page-widget", {"settings_schema": {"a": {"type": 1}}}, "its settings_schema isn't a JSON schema"),
    ("icon-bundle", {"icons": {"rocket": "no-such-icon"}}, "its icon 'rocket' is 'no-such-icon'"),
    ("page", {"path": "some"}, "must start with '/'"),
    ("scaffolder-form-field", {"field_name": "some picker"}, "its field_name is 'some picker'"),
    ("scaffolder-form-field", {"value_schema": {"type": 1}}, "its value_schema isn't a JSON schema"),
    ("search-filter-result-type", {"value": ""}, "it needs a title and a value"),
    ("sub-page", {"view": None}, "it has no view"),
    ("theme", {"variant": "grey"}, "its variant is 'grey'"),
    ("translation", {"messages": {"?": {}}}, "in the language '?'"),
]


def by_kind(kind: str) -> type[Extension]:
    return next(one for one in BLUEPRINTS if one.kind == kind)


def made_of(blueprint: type[Extension], name: str = "one", **facts: Any) -> type[Extension]:
    """Return an extension of the blueprint, in the box of toys."""
    stated = {**FACTS.get(blueprint.kind or "", {}), "name": name, "attach_to": ("box:toys/big", "things"), **facts}
    return type(f"{name.title()}Of{blueprint.__name__}", (blueprint,), stated)


class Root(Extension):
    namespace = "root"
    inputs = {"boxes": Input(Box)}


def tree_of(blueprint: type[Extension], *extensions: type[Extension] | ExtensionSpec, config: object = None) -> Any:
    box = type("BigBox", (Box,), {"name": "big", "inputs": {"things": Input(blueprint)}})
    given = [one if isinstance(one, ExtensionSpec) else spec(one) for one in extensions]
    return resolve([spec(Root, "app"), spec(box), *given], config)


def names(tree: Any) -> list[str | None]:
    return [node.spec.extension.name for node in tree.children("box:toys/big", "things")]


def id_of(blueprint: type[Extension], name: str) -> str:
    return f"{blueprint.kind}:toys/{name}"


@pytest.fixture(params=BLUEPRINTS, ids=lambda blueprint: blueprint.kind)
def blueprint(request: pytest.FixtureRequest) -> type[Extension]:
    chosen: type[Extension] = request.param
    return chosen


# --- Blueprints ---


def test_kinds_are_unlike_each_other():
    kinds = [one.kind for one in BLUEPRINTS]
    assert sorted(set(kinds), key=str) == sorted(kinds, key=str)


def test_it_attaches(blueprint: type[Extension]):
    tree = tree_of(blueprint, made_of(blueprint))
    assert tree.problems == ()
    assert [node.id for node in tree.children("box:toys/big", "things")] == [id_of(blueprint, "one")]


def test_the_order_is_the_configurations(blueprint: type[Extension]):
    both = made_of(blueprint, "one"), made_of(blueprint, "two", ref=ApiRef("toys.two", Promise))
    assert names(tree_of(blueprint, *both)) == ["one", "two"]
    assert names(tree_of(blueprint, *both, config=[id_of(blueprint, "two")])) == ["two", "one"]


def test_it_can_be_disabled_and_enabled(blueprint: type[Extension]):
    assert names(tree_of(blueprint, made_of(blueprint), config=[{id_of(blueprint, "one"): False}])) == []
    shy = made_of(blueprint, disabled=True)
    assert names(tree_of(blueprint, shy)) == []
    assert names(tree_of(blueprint, shy, config=[id_of(blueprint, "one")])) == ["one"]


def test_a_module_overrides_it(blueprint: type[Extension]):
    other = spec(made_of(blueprint), origin="acme.other", is_module=True)
    tree = tree_of(blueprint, made_of(blueprint), other)
    assert tree.problems == ()
    assert tree.nodes[id_of(blueprint, "one")].spec.origin == "acme.other"


def test_one_that_fails_leaves_its_siblings(blueprint: type[Extension]):
    def fail(self: Extension, node: Node, config: object) -> None:
        raise RuntimeError("no luck")

    tree = tree_of(blueprint, made_of(blueprint, "bad", __init__=fail), made_of(blueprint, "good"))
    assert names(tree) == ["good"]
    assert [problem.id for problem in tree.problems] == ["portal.E211"]
    assert "no luck" in tree.nodes[id_of(blueprint, "bad")].reason


def test_one_that_fails_to_render_is_replaced_by_a_card(blueprint: type[Extension]):
    def fail(self: Extension, page: PageContext) -> Any:
        raise RuntimeError("no luck")

    facts = {"is_visible": lambda self, page: True}
    bad, good = made_of(blueprint, "bad", render=fail, **facts), made_of(blueprint, "good", render=_greet, **facts)
    tree = tree_of(blueprint, bad, good, config=None)
    html = render_slot(tree.nodes["box:toys/big"], "things", PageContext(HttpRequest()))
    assert f"<code>{id_of(blueprint, 'bad')}</code> failed" in html
    assert "Hello from good" in html


def _greet(self: Extension, page: PageContext) -> str:
    return f"Hello from {self.name}"


def test_a_wrong_config_leaves_it_out_and_names_it(blueprint: type[Extension]):
    key = next(iter(blueprint.config_schema), None)
    config = [{id_of(blueprint, "one"): {"config": {key or "unknown": 3.5}}}]
    tree = tree_of(blueprint, made_of(blueprint), config=config)
    assert [problem.obj for problem in tree.problems] == [id_of(blueprint, "one")]
    assert [problem.id for problem in tree.problems] == ["portal.E208" if key else "portal.W208"]
    assert names(tree) == ([] if key else ["one"])


@pytest.mark.parametrize(("kind", "facts", "complaint"), FAULTS)
def test_what_breaks_its_rules_is_left_out_with_the_reason(kind: str, facts: dict[str, Any], complaint: str):
    tree = tree_of(by_kind(kind), made_of(by_kind(kind), **facts))
    assert names(tree) == []
    assert [problem.id for problem in tree.problems] == ["portal.E203"]
    assert complaint in tree.problems[0].msg


def test_its_place_is_a_slot_that_takes_it(blueprint: type[Extension]):
    place = blueprint.attach_to
    if isinstance(place, Relative) or place is None:
        return
    parent = get_tree().nodes.get(place[0])
    if parent is None:
        plugin_id = place[0].rpartition(":")[2].partition("/")[0]
        assert plugin_id not in {plugin.plugin_id for plugin in installed_plugins()}, "its own plugin lacks the slot"
    else:
        assert parent.spec.extension.inputs[place[1]].fits(blueprint)


# --- Slots ---


def slots() -> Iterable[tuple[str, str]]:
    for node in get_tree().nodes.values():
        for name in node.spec.extension.inputs:
            if not node.spec.origin.startswith("tests."):
                yield node.id, name


@pytest.mark.parametrize(("parent", "name"), list(slots()))
def test_a_slot_takes_what_fits_and_refuses_what_does_not(parent: str, name: str):
    node = get_tree().nodes[parent]
    slot = node.spec.extension.inputs[name]
    fitting = _in_slot(slot.blueprints[0], "fits", parent, name)
    other = _in_slot(_stranger(slot), "stranger", parent, name)
    both = [ExtensionSpec(one, node.plugin_id, "acme.toys") for one in (fitting, other)]
    # Mentioning a parent that is off enables it.
    tree = resolve([*installed_extensions(), *both], [parent] if parent != "root" else None)
    outcome = {problem.obj: problem.id for problem in tree.problems}
    assert outcome[both[1].id] == "portal.E206"
    if slot.singleton and get_tree().nodes[parent].attachments.get(name):
        assert outcome[both[0].id] == "portal.E209"
    else:
        assert tree.nodes[both[0].id] in tree.children(parent, name)


def _in_slot(blueprint: type[Extension], name: str, parent: str, input_name: str) -> type[Extension]:
    facts = {"namespace": "toys", "attach_to": (parent, input_name), "path": f"/{name}-in-a-slot", "route_ref": None}
    return made_of(blueprint, name, **facts)


def _stranger(slot: Input) -> type[Extension]:
    return next(one for one in BLUEPRINTS if not slot.fits(one) and one is not Page)


def test_an_internal_slot_is_closed_to_other_plugins():
    for parent, name in slots():
        node = get_tree().nodes[parent]
        slot = node.spec.extension.inputs[name]
        if slot.internal:
            outsider = ExtensionSpec(_in_slot(slot.blueprints[0], "outside", parent, name), "toys", "acme.toys")
            tree = resolve([*installed_extensions(), outsider])
            assert {problem.obj: problem.id for problem in tree.problems}[outsider.id] == "portal.W206"
