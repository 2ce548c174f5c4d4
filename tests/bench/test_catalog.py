from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from bench.catalog import PER_FILE, counts, generate, members, write
from portal.entities import apply_policies, parse_documents, ref_of, relations_of, validate_kind


def test_the_same_size_and_seed_give_the_same_files(tmp_path):
    first, second = (write(generate(120), tmp_path / name) for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    assert (first.parent / "part-0000.yaml").read_bytes() == (second.parent / "part-0000.yaml").read_bytes()


def test_another_seed_or_size_gives_other_entities():
    assert list(generate(120)) != list(generate(120, seed=2))
    assert list(generate(120)) != list(islice(generate(130), 120))


def test_the_proportions_are_those_of_the_published_measurements():
    assert counts(1000) == {
        "Group": 20, "Domain": 10, "System": 40, "User": 50, "Resource": 80, "API": 100, "Component": 700,
    }  # fmt: skip
    assert Counter(entity["kind"] for entity in generate(1000)) == counts(1000)


def test_a_catalog_that_is_too_small_for_every_kind_is_refused():
    with pytest.raises(ValueError, match="at least 10"):
        counts(9)


def test_every_entity_is_valid_has_a_name_of_its_own_and_points_to_others_that_exist():
    entities = list(generate(500))
    refs = {ref_of(entity) for entity in entities}
    assert len(refs) == len(entities)
    for entity in entities:
        assert validate_kind(apply_policies(entity))
        assert {relation.target_ref for relation in relations_of(entity)} <= {str(ref) for ref in refs}


def test_files_hold_what_was_generated_and_the_location_points_to_each(tmp_path):
    size = PER_FILE + 20
    root = write(generate(size), tmp_path)
    (location,) = parse_documents(root.read_bytes())
    targets = location.value["spec"]["targets"]
    assert targets == ["./part-0000.yaml", "./part-0001.yaml"]
    documents = [document for target in targets for document in parse_documents((tmp_path / target).read_bytes())]
    assert [document.value for document in documents] == list(generate(size))


def test_a_large_group_is_one_group_and_its_members():
    group, *users = members(30)
    assert group["kind"] == "Group"
    assert len({user["metadata"]["name"] for user in users}) == 30
    assert all(user["spec"]["memberOf"] == [group["metadata"]["name"]] for user in users)
