"""The pipeline, from files to entities, and back out again."""

from __future__ import annotations

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from apps.catalog.extension_points import DeferredEntity
from apps.catalog.models import (
    Conflict,
    FinalEntity,
    Priority,
    RefreshEdge,
    RefreshState,
    Relation,
    SearchEntry,
    StitchRequest,
)
from apps.catalog.operations import (
    apply_delta_mutation,
    apply_full_mutation,
    connect_providers,
    delete_entities,
    delete_orphans,
    hand_over_names,
    process_due,
    refresh_entity,
    refresh_keys,
    stitch_pending,
)
from apps.catalog.processing import build_orchestrator
from portal.config import override_config
from portal.errors import InputError, NotFoundError
from tests.catalog.conftest import CatalogFolder, component, provided


def test_a_file_becomes_an_entity_with_uid_etag_and_annotations(folder: CatalogFolder) -> None:
    path = folder.write("web.yaml", component("web"))
    folder.read("web.yaml")

    entity = folder.entity("component:default/web")
    assert entity["metadata"]["namespace"] == "default"
    assert entity["metadata"]["annotations"]["backstage.io/managed-by-location"] == f"file:{path}"
    assert entity["metadata"]["uid"] == str(RefreshState.objects.get(entity_ref="component:default/web").entity_id)
    assert len(entity["metadata"]["etag"]) == 40
    assert entity["relations"] == [{"type": "ownedBy", "targetRef": "group:default/team-a"}]


def test_relations_appear_at_both_ends_whichever_file_comes_first(folder: CatalogFolder) -> None:
    folder.write("web.yaml", component("web", dependsOn="['component:api']"))
    folder.write("api.yaml", component("api"))
    folder.read("web.yaml", "api.yaml")

    web = {"type": "dependsOn", "targetRef": "component:default/api"}
    api = {"type": "dependencyOf", "targetRef": "component:default/web"}
    assert web in folder.entity("component:default/web")["relations"]
    assert api in folder.entity("component:default/api")["relations"]


def test_a_relation_that_is_taken_out_of_a_file_vanishes_at_both_ends(folder: CatalogFolder) -> None:
    folder.write("web.yaml", component("web", dependsOn="['component:api']"))
    folder.write("api.yaml", component("api"))
    folder.read("web.yaml", "api.yaml")
    folder.write("web.yaml", component("web"))
    folder.refresh()

    types = {relation["type"] for relation in folder.entity("component:default/api")["relations"]}
    assert types == {"ownedBy"}
    assert not Relation.objects.filter(type="dependsOn").exists()


def test_a_broken_file_keeps_the_last_good_version_and_says_what_is_wrong(folder: CatalogFolder) -> None:
    folder.write("web.yaml", component("web"))
    folder.read("web.yaml")
    folder.write("web.yaml", component("web").replace("lifecycle: production", "lifecycle: 7"))
    folder.refresh()

    entity = folder.entity("component:default/web")
    assert entity["spec"]["lifecycle"] == "production"
    (item,) = entity["status"]["items"]
    assert item["level"] == "error"
    assert "lifecycle" in item["message"]
    assert "web.yaml" in item["message"]

    folder.write("web.yaml", component("web"))
    folder.refresh()
    assert "status" not in folder.entity("component:default/web")


def test_an_entity_that_was_never_right_is_not_there_but_its_errors_are(folder: CatalogFolder) -> None:
    folder.write("web.yaml", component("web").replace("lifecycle: production", "lifecycle: 7"))
    folder.read("web.yaml")

    assert "component:default/web" not in folder.refs()
    (error,) = folder.errors("component:default/web")
    assert "lifecycle" in error["message"]


def test_a_document_that_is_removed_from_its_file_is_removed_from_the_catalog(folder: CatalogFolder) -> None:
    folder.write("all.yaml", component("web") + "---" + component("api"))
    folder.read("all.yaml")
    assert folder.refs() == {"component:default/web", "component:default/api"}
    folder.write("all.yaml", component("web"))
    folder.refresh()
    assert folder.refs() == {"component:default/web"}
    assert not SearchEntry.objects.filter(key="metadata.name", value="api").exists()


def test_orphans_stay_and_are_marked_if_the_configuration_says_so(folder: CatalogFolder) -> None:
    folder.write("all.yaml", component("web") + "---" + component("api"))
    folder.read("all.yaml")
    folder.write("all.yaml", component("web"))
    with override_config({"catalog": {"orphanStrategy": "keep"}}):
        folder.refresh()
        assert delete_orphans() == 0
    assert "component:default/api" in folder.refs()


def test_a_location_that_leaves_the_configuration_takes_everything_it_led_to(folder: CatalogFolder) -> None:
    folder.write("web.yaml", component("web"))
    folder.write("api.yaml", component("api"))
    folder.read("web.yaml", "api.yaml")
    folder.read("web.yaml")
    assert folder.refs() == {"component:default/web"}
    assert RefreshState.objects.count() == 2


def test_the_first_of_two_files_that_claim_one_name_keeps_it(folder: CatalogFolder) -> None:
    folder.write("one.yaml", component("web", system="first"))
    folder.write("two.yaml", component("web", system="second"))
    folder.read("one.yaml", "two.yaml")
    folder.refresh()
    assert folder.entity("component:default/web")["spec"]["system"] == "first"


def test_the_last_of_two_documents_of_one_name_in_a_file_counts(folder: CatalogFolder) -> None:
    folder.write("twins.yaml", component("twin", system="first") + "---" + component("twin", system="second"))
    folder.read("twins.yaml")
    assert folder.entity("component:default/twin")["spec"]["system"] == "second"


def test_the_loser_of_a_name_is_remembered_and_takes_over_once_the_name_is_free(folder: CatalogFolder) -> None:
    one = folder.write("one.yaml", component("web", system="first"))
    two = folder.write("two.yaml", component("web", system="second"))
    folder.read("one.yaml", "two.yaml")
    conflict = Conflict.objects.get()
    assert (conflict.entity_ref, conflict.location_key) == ("component:default/web", f"file:{two}")
    assert conflict.owner_key == f"file:{one}"
    assert '"second"' in conflict.entity

    folder.write("one.yaml", component("other"))
    folder.refresh()
    folder.refresh()
    assert folder.entity("component:default/web")["spec"]["system"] == "second"
    assert not Conflict.objects.exists()


def test_a_conflict_ends_when_the_loser_is_taken_out_of_its_file(folder: CatalogFolder) -> None:
    folder.write("one.yaml", component("web"))
    folder.write("two.yaml", component("web"))
    folder.read("one.yaml", "two.yaml")
    assert Conflict.objects.count() == 1
    folder.write("two.yaml", component("other"))
    folder.refresh()
    assert not Conflict.objects.exists()


def test_what_a_provider_says_about_some_entities_leaves_its_other_conflicts(folder: CatalogFolder) -> None:
    apply_full_mutation(provider="owner", entities=[provided("a", key="o"), provided("b", key="o")])
    losers = [provided("a", key="l"), provided("b", key="l")]
    apply_delta_mutation(provider="loser", added=losers)
    apply_delta_mutation(provider="loser", added=[provided("c", key="l")])
    assert {conflict.entity_ref for conflict in Conflict.objects.all()} == {
        "component:default/a",
        "component:default/b",
    }
    apply_delta_mutation(provider="loser", removed=["component:default/a"])
    assert Conflict.objects.get().entity_ref == "component:default/b"
    apply_full_mutation(provider="loser", entities=[])
    assert not Conflict.objects.exists()


def test_a_provider_that_lost_a_name_gets_it_once_it_is_free(folder: CatalogFolder) -> None:
    path = folder.write("web.yaml", component("web", system="first"))
    folder.read("web.yaml")
    with override_config({"catalog": {"locations": [{"type": "file", "target": str(path)}]}}):
        apply_delta_mutation(provider="admin", added=[provided("web", key="admin:", system="second")])
        apply_delta_mutation(provider="DefaultLocationStore", added=[provided("web", key="third")])
        apply_delta_mutation(provider="not installed", added=[provided("web", key="fourth")])
        assert hand_over_names() == 0
        folder.write("web.yaml", component("other"))
        folder.refresh()
        assert hand_over_names() == 1
        folder.settle()
        assert hand_over_names() == 0
    assert folder.entity("component:default/web")["spec"]["system"] == "second"
    assert set(Conflict.objects.values_list("source", "owner_key")) == {
        ("DefaultLocationStore", "admin:"),
        ("not installed", "admin:"),
    }


def test_what_somebody_waits_for_comes_before_a_backlog(folder: CatalogFolder) -> None:
    apply_full_mutation(provider="slow", entities=[provided(f"c-{number}") for number in range(500)])
    apply_delta_mutation(provider="fast", added=[provided("mine")], priority=Priority.INTERACTIVE)
    orchestrator = build_orchestrator()
    assert process_due(orchestrator) == 1
    assert stitch_pending(interactive_only=True)
    assert folder.refs() == {"component:default/mine"}
    assert process_due(orchestrator) == 500


def test_children_of_what_somebody_waits_for_inherit_its_turn(folder: CatalogFolder) -> None:
    folder.write("web.yaml", component("web"))
    folder.read("web.yaml")
    apply_full_mutation(provider="slow", entities=[provided(f"c-{number}") for number in range(500)])
    folder.write("web.yaml", component("web", system="shop"))
    refresh_entity(ref="component:default/web")
    orchestrator = build_orchestrator()
    for _ in range(2):
        process_due(orchestrator)
        stitch_pending(interactive_only=True)
    assert folder.entity("component:default/web")["spec"]["system"] == "shop"
    assert not folder.refs() - {"component:default/web"}


def test_what_a_location_emits_is_processed_together_with_it(folder: CatalogFolder) -> None:
    folder.write("all.yaml", "---".join(component(f"c-{number}") for number in range(20)))
    orchestrator = build_orchestrator()
    with override_config({"catalog": {"locations": [{"type": "file", "target": str(folder.path / "all.yaml")}]}}):
        connect_providers()
        assert process_due(orchestrator) == 1
    assert process_due(orchestrator) == 0
    assert RefreshState.objects.filter(processed_entity__isnull=False).count() == 21


def test_an_unchanged_refresh_writes_no_entity(folder: CatalogFolder) -> None:
    folder.write("all.yaml", "---".join(component(f"c-{number}") for number in range(20)))
    folder.read("all.yaml")
    before = list(FinalEntity.objects.order_by("entity_ref").values_list("entity_ref", "last_updated_at"))
    with CaptureQueriesContext(connections["catalog"]) as queries:
        folder.refresh()
    writes = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "DELETE", "UPDATE"))]
    assert all('"next_update_at"' in sql for sql in writes)
    assert list(FinalEntity.objects.order_by("entity_ref").values_list("entity_ref", "last_updated_at")) == before


def test_a_batch_costs_the_same_number_of_statements_however_many_entities(folder: CatalogFolder) -> None:
    def statements(count: int) -> int:
        folder.write("all.yaml", "---".join(component(f"c-{number}") for number in range(count)))
        with CaptureQueriesContext(connections["catalog"]) as queries:
            folder.read("all.yaml")
        delete_entities(refs=list(RefreshState.objects.values_list("entity_ref", flat=True)), cause="a test")
        return len(queries)

    assert statements(3) == statements(15)


def test_a_full_mutation_adds_changes_and_removes(folder: CatalogFolder) -> None:
    apply_full_mutation(provider="test", entities=[provided("a"), provided("b")])
    folder.settle()
    uid = folder.entity("component:default/a")["metadata"]["uid"]
    apply_full_mutation(provider="test", entities=[provided("a", type="library"), provided("c")])
    folder.settle()
    assert folder.refs() == {"component:default/a", "component:default/c"}
    entity = folder.entity("component:default/a")
    assert entity["spec"]["type"] == "library"
    assert entity["metadata"]["uid"] == uid


def test_an_entity_that_moves_to_another_location_key_is_added_anew(folder: CatalogFolder) -> None:
    apply_full_mutation(provider="test", entities=[provided("a", key="one")])
    folder.settle()
    uid = folder.entity("component:default/a")["metadata"]["uid"]
    apply_full_mutation(provider="test", entities=[provided("a", key="two")])
    folder.settle()
    assert folder.entity("component:default/a")["metadata"]["uid"] != uid


def test_a_delta_mutation_leaves_the_others_alone(folder: CatalogFolder) -> None:
    apply_full_mutation(provider="test", entities=[provided("a"), provided("b")])
    apply_delta_mutation(provider="test", added=[provided("c")], removed=["component:default/a"])
    folder.settle()
    assert folder.refs() == {"component:default/b", "component:default/c"}


def test_a_mutation_with_something_that_is_no_entity_changes_nothing(folder: CatalogFolder) -> None:
    apply_full_mutation(provider="test", entities=[provided("a")])
    with pytest.raises(InputError, match="kind"):
        apply_full_mutation(provider="test", entities=[DeferredEntity({"metadata": {"name": "x"}, "apiVersion": "v1"})])
    assert RefreshState.objects.get().entity_ref == "component:default/a"


def test_what_another_root_leads_to_survives_the_removal_of_one(folder: CatalogFolder) -> None:
    apply_full_mutation(provider="one", entities=[provided("shared", key=None)])
    apply_full_mutation(provider="two", entities=[provided("shared", key=None)])
    apply_full_mutation(provider="one", entities=[])
    folder.settle()
    assert folder.refs() == {"component:default/shared"}
    apply_full_mutation(provider="two", entities=[])
    assert not RefreshState.objects.exists()


def test_a_provider_that_is_gone_takes_its_entities_along_at_the_next_start(folder: CatalogFolder) -> None:
    apply_full_mutation(provider="gone", entities=[provided("a")])
    with override_config({"catalog": {"orphanProviderStrategy": "keep", "locations": []}}):
        connect_providers()
        assert RefreshState.objects.filter(entity_ref="component:default/a").exists()
    with override_config({"catalog": {"locations": []}}):
        connect_providers()
    assert not RefreshState.objects.exists()


def test_deleting_an_entity_leaves_nothing_of_it_and_restitches_its_peers(folder: CatalogFolder) -> None:
    folder.write("web.yaml", component("web", dependsOn="['component:api']"))
    folder.write("api.yaml", component("api"))
    folder.read("web.yaml", "api.yaml")
    assert delete_entities(refs=["component:default/web"], cause="a test") == 1
    folder.settle()
    assert folder.entity("component:default/api")["relations"] == [
        {"type": "ownedBy", "targetRef": "group:default/team-a"}
    ]
    for model, field in ((RefreshState, "entity_ref"), (FinalEntity, "entity_ref"), (StitchRequest, "entity_ref")):
        assert not model.objects.filter(**{field: "component:default/web"}).exists()
    assert not RefreshEdge.objects.filter(target_entity_ref="component:default/web").exists()
    assert not Relation.objects.filter(source_entity_ref="component:default/web").exists()


def test_refreshing_an_entity_reads_its_file_again(folder: CatalogFolder) -> None:
    folder.write("web.yaml", component("web"))
    folder.read("web.yaml")
    folder.write("web.yaml", component("web", system="shop"))
    refresh_entity(ref="Component:default/Web")
    folder.settle()
    assert folder.entity("component:default/web")["spec"]["system"] == "shop"
    with pytest.raises(NotFoundError, match="nope"):
        refresh_entity(ref="component:default/nope")


def test_a_refresh_key_makes_the_entity_due(folder: CatalogFolder) -> None:
    path = folder.write("web.yaml", component("web"))
    folder.read("web.yaml")
    folder.write("web.yaml", component("web", system="shop"))
    assert refresh_keys(keys=[f"file:{path}"]) == 1
    folder.settle()
    assert folder.entity("component:default/web")["spec"]["system"] == "shop"


def test_so_does_one_that_is_too_long_to_be_stored_whole(folder: CatalogFolder) -> None:
    path = folder.write("/".join(["folder"] * 40) + "/web.yaml", component("web"))
    folder.read(str(path))
    assert refresh_keys(keys=[f"file:{path}"]) == 1
    assert refresh_keys(keys=[f"file:{path}".replace("web", "nope")]) == 0
