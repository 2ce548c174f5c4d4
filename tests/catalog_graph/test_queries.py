"""Which entities are in a graph, by which edges, and how often the catalog is asked for that."""

from __future__ import annotations

from typing import Any

import pytest

from apps.catalog_graph.queries import (
    RELATION_PAIRS,
    Graph,
    Limits,
    NodeState,
    Scope,
    explore,
    graph_of,
    starting_points,
)
from portal.clients import catalog as client
from tests.catalog_graph.conftest import FakeCatalog

CART = "component:default/cart"
USUAL = Limits()


def graph(*roots: str, depth: int | None = 1, limits: Limits = USUAL, **options: Any) -> Graph:
    """Return the graph around some entities."""
    narrowing = {name: frozenset(options.pop(name, ())) for name in ("kinds", "relations")}
    scope = Scope(roots, depth, **narrowing)
    return graph_of(explore(client, scope, limits), scope, pairs=RELATION_PAIRS, **options)


def edges(found: Graph) -> set[str]:
    """Return the edges in short: ``a ownerOf/ownedBy b``."""
    return {
        f"{short(edge.source)} {', '.join('/'.join(one) for one in edge.relations)} {short(edge.target)}"
        for edge in found.edges
    }


def short(ref: str) -> str:
    return f"{'more:' if ref.startswith('more:') else ''}{ref.rpartition('/')[2]}"


def names(found: Graph) -> list[str]:
    return [short(node.id) for node in found.nodes]


def test_a_graph_has_what_a_root_is_related_to(shop: FakeCatalog) -> None:
    found = graph(CART)
    assert names(found) == ["cart", "team-a", "shop", "cart-api", "db"]
    assert edges(found) == {
        "team-a ownerOf/ownedBy cart",
        "shop hasPart/partOf cart",
        "cart-api apiProvidedBy/providesApi cart",
        "cart dependsOn/dependencyOf db",
    }
    assert {node.title for node in found.nodes} >= {"Shopping cart", "Team A"}
    assert [node.id for node in found.nodes if node.state == NodeState.ROOT] == [CART]


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_each_level_is_one_request(shop: FakeCatalog, depth: int) -> None:
    graph(CART, depth=depth)
    assert shop.calls == ["/entities/by-refs"] * (depth + 1)


def test_without_an_end_it_goes_on_until_there_is_nothing_new(shop: FakeCatalog) -> None:
    found = graph(CART, depth=None)
    assert len(found.nodes) == 7
    # The last one is of what is new at the third level.
    assert len(shop.calls) == 3
    assert not found.is_cut


def test_a_long_chain_is_cut(catalog: FakeCatalog) -> None:
    for number in range(20):
        catalog.relate(f"component:c{number}", "dependsOn", f"component:c{number + 1}")
    found = graph("component:default/c0", depth=None, limits=Limits(levels=5))
    assert names(found) == ["c0", "c1", "c2", "c3", "c4", "c5"]
    assert len(catalog.calls) == 6
    assert found.is_cut
    assert not graph("component:default/c0", depth=5, limits=Limits(levels=5)).is_cut


def test_kinds_and_relations_narrow_it(shop: FakeCatalog) -> None:
    assert names(graph(CART, kinds=["api", "group"])) == ["cart", "team-a", "cart-api"]
    assert names(graph(CART, relations=["dependsOn"])) == ["cart", "db"]
    assert names(graph(CART, depth=2, kinds=["api"])) == ["cart", "cart-api"]


def test_without_merging_an_edge_says_what_its_source_says(shop: FakeCatalog) -> None:
    assert edges(graph(CART, merge_relations=False)) == {
        "cart ownedBy team-a",
        "cart partOf shop",
        "cart providesApi cart-api",
        "cart dependsOn db",
    }


def test_what_is_not_simplified_says_everything(shop: FakeCatalog) -> None:
    found = edges(graph(CART, merge_relations=False, unidirectional=False))
    assert {"cart ownedBy team-a", "team-a ownerOf cart", "db ownedBy team-a", "team-a ownerOf db"} <= found
    merged = edges(graph(CART, unidirectional=False))
    assert "team-a ownerOf/ownedBy db" in merged
    assert len(merged) == 5


def test_several_relations_of_two_entities_are_one_edge(catalog: FakeCatalog) -> None:
    catalog.relate("component:cart", "dependsOn", "api:a")
    catalog.relate("component:cart", "consumesApi", "api:a")
    assert edges(graph(CART)) == {"cart dependsOn/dependencyOf, consumesApi/apiConsumedBy a"}


def test_a_relation_of_ones_own_is_an_edge(catalog: FakeCatalog) -> None:
    catalog.relate("component:cart", "mirrors", "component:other")
    assert edges(graph(CART)) == {"cart mirrors other"}


def test_cycles_and_loops_end(catalog: FakeCatalog) -> None:
    catalog.relate("component:cart", "dependsOn", "component:b")
    catalog.relate("component:b", "dependsOn", "component:cart")
    catalog.relate("component:cart", "dependsOn", "component:cart", both=False)
    found = edges(graph(CART, depth=None))
    assert "cart dependsOn/dependencyOf cart" in found
    assert "cart dependsOn/dependencyOf b" in found
    assert "b dependsOn/dependencyOf cart" in found


def test_what_is_not_there_is_shown_as_missing(shop: FakeCatalog) -> None:
    del shop.entities["resource:default/db"]
    states = {short(node.id): node.state for node in graph(CART, depth=2).nodes}
    assert states["db"] == NodeState.MISSING
    assert states["team-a"] == NodeState.ENTITY


def test_a_root_that_is_not_there_is_the_whole_graph(catalog: FakeCatalog) -> None:
    found = graph("component:default/nope", depth=None)
    assert [node.state for node in found.nodes] == [NodeState.MISSING]
    assert len(catalog.calls) == 1


def test_a_thousand_members_are_counted(catalog: FakeCatalog) -> None:
    for number in range(1000):
        catalog.relate(f"user:u{number}", "memberOf", "group:all")
    catalog.relate("component:cart", "ownedBy", "group:all")
    found = graph("group:default/all", limits=Limits(by_relation=25))
    more = found.nodes[-1]
    assert len(found.nodes) == 1 + 25 + 1 + 1
    assert (more.state, more.ref, more.count) == (NodeState.MORE, "group:default/all", 975)
    assert "all hasMember/memberOf more:all" in edges(found)
    assert "all ownerOf/ownedBy cart" in edges(found)


def test_there_are_no_more_nodes_than_may_be(catalog: FakeCatalog) -> None:
    for number in range(30):
        catalog.relate("component:cart", "dependsOn", f"component:a{number}")
        for other in range(30):
            catalog.relate(f"component:a{number}", "dependsOn", f"component:b{number}-{other}")
    found = graph(CART, depth=2, limits=Limits(entities=100, by_relation=50))
    assert sum(node.state != NodeState.MORE for node in found.nodes) == 100
    assert found.is_cut
    assert len(catalog.calls) == 3


def test_a_graph_may_have_several_roots(shop: FakeCatalog) -> None:
    found = graph(CART, "component:default/web")
    assert [short(node.id) for node in found.nodes if node.state == NodeState.ROOT] == ["cart", "web"]
    assert "web consumesApi/apiConsumedBy cart-api" in edges(found)


def test_it_begins_with_domains_and_systems_or_with_what_is_looked_for(shop: FakeCatalog) -> None:
    assert {point.ref for point in starting_points(client)} == {"domain:default/trade", "system:default/shop"}
    assert [point.title for point in starting_points(client, "cart")] == ["Shopping cart", "cart-api"]
    assert shop.calls == ["/entities/by-query"] * 2
