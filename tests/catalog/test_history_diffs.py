"""What differs between two versions of an entity."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.queries.diffs import MAX_COMPARED, entity_diff
from tests.catalog.history_kit import stored


def text(before: str | None, after: str | None) -> list[str]:
    return [str(line) for line in entity_diff(before, after)]


def test_a_diff_shows_the_lines_that_changed_and_where_they_stand() -> None:
    links = [{"url": f"https://acme.example/{number}", "title": str(number)} for number in range(8)]
    before = stored(spec={"links": links, "owner": "a"})
    after = stored(
        spec={"links": [*links[:4], {"url": "https://acme.example/x", "title": "4"}, *links[5:]], "owner": "a"}
    )
    assert text(before, after) == [
        "@@ -11,7 +11,7 @@ spec.links",
        "     title: '2'",
        "   - url: https://acme.example/3",
        "     title: '3'",
        "-  - url: https://acme.example/4",
        "+  - url: https://acme.example/x",
        "     title: '4'",
        "   - url: https://acme.example/5",
        "     title: '5'",
    ]


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        (
            {"a": {"b": {"c": [{"d": 1}, {"d": 2, "e": 3}]}}},
            {"a": {"b": {"c": [{"d": 1}, {"d": 2, "e": 4}]}}},
            "spec.a.b",
        ),
        ({"a": [[1, 2, 3, 4, 5, 6]]}, {"a": [[1, 2, 3, 4, 5, 7]]}, "spec.a"),
        ({"a": "one\n  two\nthree\nfour\nfive\n"}, {"a": "one\n  two\nthree\nfour\nsix\n"}, "spec.a"),
        (
            {"it's": {"k": 1, "l": 2, "m": 3, "n": 4, "o": 5}},
            {"it's": {"k": 1, "l": 2, "m": 3, "n": 4, "o": 6}},
            "spec.it's",
        ),
    ],
)
def test_a_diff_names_the_keys_above(before: dict[str, Any], after: dict[str, Any], place: str) -> None:
    assert text(stored(spec=before), stored(spec=after))[0].partition(" @@ ")[2] == place


def test_a_diff_leaves_out_what_the_catalog_makes_up() -> None:
    other = orjson.dumps({"kind": "Component", "metadata": {"name": "web", "uid": "u", "etag": "other"}}).decode()
    assert text(stored(), other) == []


def test_an_entity_that_comes_or_goes_is_shown_as_a_whole() -> None:
    lines = ["kind: Component", "metadata:", "  name: web"]
    assert text(None, stored()) == ["@@ -0,0 +1,3 @@", *(f"+{line}" for line in lines)]
    assert text(stored(), None) == ["@@ -1,3 +0,0 @@", *(f"-{line}" for line in lines)]


def test_large_definitions_are_not_compared_line_by_line() -> None:
    def entity(mark: str) -> str:
        # Every third line is the same in both.
        lines = [f"line {number}" if number % 3 == 1 else f"line {mark} {number}" for number in range(MAX_COMPARED * 3)]
        return stored(spec={"definition": "\n".join(lines)})

    kinds = Counter(line.kind for line in entity_diff(entity("a"), entity("b")))
    assert (kinds["removed"], kinds["added"]) == (MAX_COMPARED * 3, MAX_COMPARED * 3)


values = st.dictionaries(
    st.text("abc", min_size=1, max_size=3),
    st.one_of(st.integers(0, 3), st.lists(st.text("xyz"), max_size=8)),
    max_size=8,
)


@given(before=values, after=values)
def test_a_diff_turns_one_version_into_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    old, new = stored(spec=before), stored(spec=after)
    lines = entity_diff(old, new)
    whole_old = [line.text for line in entity_diff(old, None) if line.kind == "removed"]
    whole_new = [line.text for line in entity_diff(None, new) if line.kind == "added"]
    assert [line.text for line in lines if line.kind == "removed"] == [] or before != after
    position = {"old": 0, "new": 0}
    rebuilt: list[str] = []
    for line in lines:
        if line.kind == "place":
            start = int(line.text.split()[1].partition(",")[0].removeprefix("-")) - 1
            rebuilt += whole_old[position["old"] : max(start, position["old"])]
            position["old"] = max(start, position["old"])
        elif line.kind in {"same", "removed"}:
            assert whole_old[position["old"]] == line.text
            position["old"] += 1
        if line.kind in {"same", "added"}:
            rebuilt.append(line.text)
    assert rebuilt + whole_old[position["old"] :] == whole_new
