"""Reading ``url`` locations, and what URLs in repositories mean."""

from __future__ import annotations

import threading

import orjson
import pytest

from apps.catalog.processing.url_reader import CONCURRENT_READS
from portal.entities import (
    ANNOTATION_EDIT_URL,
    ANNOTATION_LOCATION,
    ANNOTATION_SOURCE_LOCATION,
    ANNOTATION_VIEW_URL,
)
from portal.services.url_reader import SearchResponse
from tests.catalog.processing_kit import FakeUrlReader, entity, location, messages, names, pipeline
from tests.waiting import PATIENCE

COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: {0}}}
spec: {{type: service, lifecycle: production, owner: team-a}}
"""
ROOT = "https://x.example/all.yaml"


def test_a_url_is_read_and_its_entities_emitted():
    reader = FakeUrlReader({"https://x.example/a.yaml": COMPONENT.format("one")})
    result = pipeline(reader=reader).process(location("https://x.example/a.yaml", at=f"url:{ROOT}"))
    assert result.ok
    assert names(result) == ["one"]
    assert result.deferred[0].location_key == "url:https://x.example/a.yaml"
    assert result.refresh_keys == ["url:https://x.example/a.yaml"]


def test_a_relative_target_is_seen_from_the_url_that_names_it():
    reader = FakeUrlReader({"https://x.example/sub/a.yaml?ref=main": COMPONENT.format("one")})
    result = pipeline(reader=reader).process(location("./sub/a.yaml", at=f"url:{ROOT}?ref=main"))
    assert names(result) == ["one"]


def test_an_unchanged_file_is_not_parsed_again():
    reader = FakeUrlReader({"https://x.example/a.yaml": COMPONENT.format("one")})
    run, given_location = pipeline(reader=reader), location("https://x.example/a.yaml", at=f"url:{ROOT}")
    first = run.process(given_location)
    second = run.process(given_location, orjson.loads(orjson.dumps(first.state)))
    assert second.deferred == first.deferred
    assert second.refresh_keys == first.refresh_keys
    assert second.state == first.state
    reader.files["https://x.example/a.yaml"] = COMPONENT.format("changed")
    assert names(run.process(given_location, second.state)) == ["changed"]


def test_only_sound_files_are_remembered():
    reader = FakeUrlReader({"https://x.example/a.yaml": f"{COMPONENT.format('one')}---\n[\n"})
    run, given_location = pipeline(reader=reader), location("https://x.example/a.yaml", at=f"url:{ROOT}")
    result = run.process(given_location)
    assert not result.ok
    assert result.state == {}
    assert messages(run.process(given_location, result.state)) == messages(result)


def test_targets_are_remembered_one_by_one_and_forgotten_when_dropped():
    files = {f"https://x.example/{name}.yaml": COMPONENT.format(name) for name in "ab"}
    run = pipeline(reader=FakeUrlReader(files))
    both = run.process(location(*files, at=f"url:{ROOT}"))
    assert set(both.state["cache"]["url-reader"]["targets"]) == set(files)
    one = run.process(location("https://x.example/b.yaml", at=f"url:{ROOT}"), both.state)
    assert list(one.state["cache"]["url-reader"]["targets"]) == ["https://x.example/b.yaml"]


@pytest.mark.parametrize(
    ("target", "name", "said"),
    [
        ("https://x.example/missing.yaml", "NotFoundError", "There is no file at https://x.example/missing.yaml."),
        ("https://not-allowed.example/a.yaml", "NotAllowedError", "isn't allowed"),
    ],
)
def test_a_url_that_cannot_be_read_is_an_error(target, name, said):
    [error] = pipeline().process(location(target, at=f"url:{ROOT}")).errors
    assert error.name == name
    assert said in error.message
    assert target in error.message


def test_what_is_optional_may_be_missing():
    result = pipeline().process(location("./missing.yaml", at=f"url:{ROOT}", presence="optional"))
    assert result.ok
    assert result.refresh_keys == ["url:https://x.example/missing.yaml"]


def test_a_pattern_emits_each_file_under_its_own_url():
    files = {f"https://x.example/{name}/info.yaml": COMPONENT.format(name) for name in "ab"}
    result = pipeline(reader=FakeUrlReader(files)).process(location("./*/info.yaml", at=f"url:{ROOT}"))
    assert names(result) == ["a", "b"]
    assert [found.location_key for found in result.deferred] == [f"url:{name}" for name in files]
    assert result.refresh_keys == ["url:https://x.example/*/info.yaml"]


def test_no_more_than_five_reads_happen_at_once():
    reading, may_end = threading.Semaphore(0), threading.Event()

    class Slow(FakeUrlReader):
        def search(self, url, *, etag=None):
            reading.release()
            assert may_end.wait(PATIENCE)
            return SearchResponse((), "")

    run = pipeline(reader=Slow())
    given_location = location("./x.yaml", at=f"url:{ROOT}", presence="optional")
    threads = [threading.Thread(target=run.process, args=(given_location,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    assert all(reading.acquire(timeout=PATIENCE) for _ in range(CONCURRENT_READS))
    assert not reading.acquire(timeout=0.1)
    may_end.set()
    for thread in threads:
        thread.join()
    assert all(reading.acquire(blocking=False) for _ in range(len(threads) - CONCURRENT_READS)), "the others, then"


def annotations_of(url: str, **options):
    completed = pipeline(**options).process(entity(location=f"url:{url}", origin=f"url:{ROOT}")).completed_entity
    return completed["metadata"]["annotations"]


def test_an_entity_read_by_url_says_where_it_can_be_seen():
    found = annotations_of("https://x.example/a.yaml")
    assert found[ANNOTATION_VIEW_URL] == "https://x.example/a.yaml"
    assert ANNOTATION_EDIT_URL not in found
    assert ANNOTATION_SOURCE_LOCATION not in found


def test_an_entity_read_from_a_file_has_no_url():
    completed = pipeline().process(entity()).completed_entity
    assert ANNOTATION_VIEW_URL not in completed["metadata"]["annotations"]


@pytest.mark.parametrize(
    ("url", "edit", "source"),
    [
        (
            "https://github.com/acme/shop/blob/main/a/catalog-info.yaml",
            "https://github.com/acme/shop/edit/main/a/catalog-info.yaml",
            "url:https://github.com/acme/shop/tree/main/a/",
        ),
        (
            "https://gitlab.com/acme/group/shop/-/blob/main/catalog-info.yaml",
            "https://gitlab.com/acme/group/shop/-/edit/main/catalog-info.yaml",
            "url:https://gitlab.com/acme/group/shop/-/blob/main/",
        ),
        (
            "https://bitbucket.org/acme/shop/src/main/catalog-info.yaml",
            "https://bitbucket.org/acme/shop/src/main/catalog-info.yaml?mode=edit&at=main",
            "url:https://bitbucket.org/acme/shop/src/main/",
        ),
        (
            "https://ghe.acme.example/acme/shop/blob/main/catalog-info.yaml",
            "https://ghe.acme.example/acme/shop/edit/main/catalog-info.yaml",
            "url:https://ghe.acme.example/acme/shop/tree/main/",
        ),
    ],
)
def test_an_entity_in_a_known_repository_says_where_it_can_be_edited_and_where_its_source_is(url, edit, source):
    found = annotations_of(url, hosts={"github": [{"host": "ghe.acme.example"}]})
    assert (found[ANNOTATION_EDIT_URL], found[ANNOTATION_SOURCE_LOCATION]) == (edit, source)


def test_a_file_at_a_certain_commit_cannot_be_edited():
    commit = "0123456789abcdef0123456789abcdef01234567"
    assert ANNOTATION_EDIT_URL not in annotations_of(f"https://github.com/acme/shop/blob/{commit}/catalog-info.yaml")


def test_annotations_that_the_entity_states_itself_win():
    stated = {ANNOTATION_VIEW_URL: "https://view", ANNOTATION_EDIT_URL: "https://edit"}
    given_entity = entity(location="url:https://github.com/acme/shop/blob/main/c.yaml", annotations=stated)
    found = pipeline().process(given_entity).completed_entity["metadata"]["annotations"]
    assert stated.items() <= found.items()
    assert found[ANNOTATION_LOCATION] == "url:https://github.com/acme/shop/blob/main/c.yaml"


@pytest.mark.parametrize("bad", ["http://[oops", "nonsense"])
def test_a_registered_location_that_is_no_url_is_an_error_in_words(bad):
    result = pipeline().process(location(bad, at=f"url:{bad}"))
    assert not result.ok
    assert bad in messages(result)[0]
    assert "URL" in messages(result)[0]
