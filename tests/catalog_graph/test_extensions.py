"""What is on the pages of entities: the card, and the entry in the menu."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from portal.config import override_config
from portal.extensions import get_tree
from portal.testing import sample_entity

Render = Callable[..., str]
CARD = "entity-card:catalog-graph/relations"
ITEM = "entity-context-menu-item:catalog-graph/view-graph"


def entity(*relations: tuple[str, str]) -> dict[str, Any]:
    """Return a component with these relations."""
    found = [{"type": kind, "targetRef": ref} for kind, ref in relations]
    return {**sample_entity("component"), "relations": found}


def test_the_ids_are_backstages() -> None:
    active = {node.id for node in get_tree().active()}
    assert {"page:catalog-graph", CARD} <= active


def test_the_card_lists_relations_until_its_graph_is_there(render_extension: Render) -> None:
    html = render_extension(CARD, entity=entity(("ownedBy", "group:default/team-a")))
    assert 'href="/catalog/default/group/team-a"' in html
    assert 'hx-get="/catalog-graph/-/card/default/component/' in html


def test_the_place_for_the_graph_is_as_high_as_what_is_drawn(render_extension: Render) -> None:
    def height(number: int) -> str:
        html = render_extension(CARD, entity=entity(*(("dependsOn", f"component:default/c{i}") for i in range(number))))
        found = re.search(r'\?height=(\d+)".*<svg width="1" height="(\d+)"', html, re.DOTALL)
        assert found
        assert found[1] == found[2]
        return found[1]

    assert [height(1), height(5), height(50)] == ["176", "264", "400"]
    with override_config({"app": {"extensions": [{CARD: {"config": {"height": 200}}}]}}):
        assert height(5) == "200"
    with override_config({"app": {"extensions": [{CARD: {"config": {"maxDepth": 2}}}]}}):
        assert height(1) == "400"


def test_the_card_counts_what_it_does_not_list(render_extension: Render) -> None:
    many = [("hasMember", f"user:default/u{number}") for number in range(1000)]
    html = render_extension(CARD, entity=entity(*many))
    assert html.count("<li>") == 12
    assert "and 988 more" in html


def test_the_card_leads_to_the_same_graph_on_the_page(render_extension: Render) -> None:
    config = {"direction": "TB", "title": "Around it", "maxDepth": 2}
    with override_config({"app": {"extensions": [{CARD: {"config": config}}]}}):
        html = render_extension(CARD, entity=entity(("ownedBy", "group:default/a")))
    assert "maxDepth=2&amp;direction=TB" in html
    assert "Around it" in html


def test_the_card_is_not_there_for_an_entity_without_relations() -> None:
    extension: Any = get_tree().nodes[CARD].extension
    assert extension.suits(entity(("ownedBy", "group:default/a")))
    assert not extension.suits(entity())


def test_without_its_page_the_card_is_the_list(render_extension: Render) -> None:
    with override_config({"app": {"extensions": [{"page:catalog-graph": False}]}}):
        html = render_extension(CARD, entity=entity(("ownedBy", "group:default/a")))
    assert "group/a" in html
    assert "hx-get" not in html
    assert "View graph" not in html


def test_without_pages_of_entities_the_card_links_to_nothing(render_extension: Render) -> None:
    bindings = {"bindings": {"catalog-graph.catalogEntity": False}}
    with override_config({"app": {"routes": bindings}}):
        html = render_extension(CARD, entity=entity(("ownedBy", "group:default/a")))
    assert "/catalog/default" not in html


def test_a_hostile_ref_stays_text(render_extension: Render) -> None:
    html = render_extension(CARD, entity=entity(('"><script>', "group:default/<img src=x>")))
    assert "<script>" not in html
    assert "<img" not in html


def test_the_menu_leads_to_the_graph(render_extension: Render) -> None:
    assert "/catalog-graph?rootEntityRefs[]=component:default/" in render_extension(ITEM, entity=entity())
