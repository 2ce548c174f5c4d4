"""Catalog files: YAML 1.2 as the JavaScript engine reads it, document by document, within limits."""

import json
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.entities import parse_documents
from portal.entities.documents import MAX_DOCUMENTS
from portal.errors import InputError


def values(text):
    documents = parse_documents(text)
    assert [document.error for document in documents] == [None] * len(documents)
    return [document.value for document in documents]


def value(text):
    (only,) = values(text)
    return only


def error(text):
    (document,) = parse_documents(text)
    assert document.error is not None
    assert document.value is None
    return document.error.message


# Scalars: the answers are those of the npm package yaml 2.9.1.

#: Texts, though other parsers make something else of some of them.
TEXTS = [
    "yes",
    "no",
    "on",
    "off",
    "Yes",
    "y",
    "n",
    "tRue",
    "nUll",
    "None",
    "nil",
    ".Nan",
    ".iNf",
    "2001-01-01",
    "2001-01-01T00:00:00Z",
    "12:30:45",
    "1_000",
    "0b11",
    "0O17",
    "0X1F",
    "0o8",
    "0xg",
    "1e",
    "1.2.3",
    "+",
    ".",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((word, word) for word in TEXTS),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, None) for word in ("null", "Null", "NULL", "~", "")),
        ("010", 10),
        ("-010", -10),
        ("00", 0),
        ("0o17", 15),
        ("0x1F", 31),
        ("+1", 1),
        ("-0", 0),
        ("1e3", 1000),
        ("1E+3", 1000),
        ("1e-2", 0.01),
        (".5", 0.5),
        ("+.5e1", 5),
        ("1.", 1),
        ("1.50", 1.5),
        ("-0.0", 0),
        ("12345678901234567890123", 12345678901234567890123.0),
        ("18446744073709551615", 18446744073709551615),
        ("0xFFFFFFFFFFFFFFFFFF", 4722366482869645213695.0),
        *((word, None) for word in (".inf", "-.Inf", "+.INF", ".nan", ".NaN", "1e400", "9" * 5000)),
        ('"010"', "010"),
        ("'true'", "true"),
        ('""', ""),
        ("!!str 1", "1"),
        ("! 12", "12"),
        ('!!int "3"', 3),
        ("!!int foo", "foo"),
        ("!!float 1", "1"),
        ('!!float "1e3"', 1000),
        ('!!bool "true"', True),
        ("!!bool yes", "yes"),
        ("!!null x", "x"),
        ("!foo 12", "12"),
        ("!foo {x: 1}", {"x": 1}),
        ("<<", "<<"),
    ],
)
def test_a_scalar_means_what_the_javascript_engine_says(text, expected):
    found = value(f"a: {text}")["a"]
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1: x", "1"),
        ("1.0: x", "1"),
        ("1e3: x", "1000"),
        ("0x10: x", "16"),
        ("true: x", "true"),
        ("~: x", ""),
        ('"1": x', "1"),
        ("2001-01-01: x", "2001-01-01"),
    ],
)
def test_a_key_becomes_a_text(text, expected):
    assert value(text) == {expected: "x"}


def test_merge_keys_are_keys_like_any_other():
    assert value("a: &x {b: 1}\nc:\n  <<: *x") == {"a": {"b": 1}, "c": {"<<": {"b": 1}}}


def test_json_is_yaml():
    tree = {"a": [1, 2.5, None, True, "ü\n"], "b": {"c": {}}, "d": []}
    assert value(json.dumps(tree, indent=2, ensure_ascii=False)) == tree


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc-é", max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=4))
def test_json_survives_in_a_stream_of_documents(trees):
    stream = "".join(f"---\n{json.dumps(tree, ensure_ascii=False)}\n" for tree in trees)
    # Characters that YAML doesn't let stand are escaped by JSON writers that stick to ASCII, up to U+FFFF.
    if all(ord(character) < 0xFFFE and character not in "\u2028\u2029\x85\ufeff" for character in stream):
        assert values(stream) == [tree for tree in trees if tree is not None]


@given(JSON)
def test_json_that_sticks_to_ascii_is_read_as_json(tree):
    assert values(json.dumps(tree)) == ([] if tree is None else [tree])


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r'{"a": "\ud83d\ude00\uD83D\uDE01"}', {"a": "😀😁"}),
        (r'{"a": "\\\ud83d\ude00 \\ud83d\\ude00"}', {"a": "\\😀 \\ud83d\\ude00"}),
        ("a: |\n  \\ud83d\\ude00", {"a": r"\ud83d\ude00"}),
    ],
)
def test_characters_written_in_halves_are_whole_in_json_and_nowhere_else(written, read):
    assert value(written) == read


def test_half_a_character_is_refused():
    (document,) = parse_documents(r'{"a": "\ud83d"}')
    assert "Write the character itself" in str(document.error)


# Aliases


def test_an_alias_repeats_a_value_and_shares_nothing_with_it():
    found = value("a: &x {b: [1]}\nc: *x\nd: *x")
    assert found == {"a": {"b": [1]}, "c": {"b": [1]}, "d": {"b": [1]}}
    found["c"]["b"].append(2)
    assert found["a"] == found["d"] == {"b": [1]}


def test_an_anchor_may_be_set_again_and_holds_for_its_document_only():
    assert value("[&x 1, *x, &x 2, *x]") == [1, 1, 2, 2]
    assert value("&k a: *k") == {"a": "a"}
    _, second = parse_documents("&x 1\n---\n*x")
    assert "has no anchor" in str(second.error)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: *x", 'Line 1, column 4: the alias "*x" has no anchor "&x" before it'),
        ("a: &x\n  - *x", 'Line 2, column 5: the alias "*x" stands inside the value that it repeats'),
        ("a: 1\nb: 2\na: 3", 'Line 3, column 1: the key "a" stands twice in the same object'),
        ('1: a\n"1": b', 'Line 2, column 1: the key "1" stands twice'),
        ("? [x]\n: 1", "Line 1, column 3: a key must be a text, not an object or a list"),
        ("a: &x [1]\n*x : 1", "Line 2, column 1: a key must be a text, not an object or a list"),
        (
            "a: b: c",
            "Line 1, column 5: mapping values are not allowed in this context. Put a value that contains ': ' into",
        ),
        ("a: @x", "Line 1, column 4: found character that cannot start any token"),
        ("a: 1\n\tb: 2", "Line 2, column 1:"),
        (
            "a: [1,\nb: 2",
            "Line 3, column 1: did not find expected ',' or ']' while parsing a flow sequence, which begins at line 1",
        ),
        ('a: "x', "Close the quotes."),
        ('a: "x\\0y"', "Line 1, column 4: a text holds a NUL character, which can't be stored."),
        ('{"a\\u0000": 1}', "Line 1, column 2: a text holds a NUL character"),
        ("a: 1\nb: \x07", "Line 2, column 4: control characters are not allowed (U+0007)"),
    ],
)
def test_an_error_says_where_and_what(text, message):
    assert message in error(text)


# Documents


def test_documents_have_their_place_and_line():
    documents = parse_documents("# first\n\na: 1\n---\n# second\nb: 2\n--- # third\nc\n...\n# fourth\n--- d\n")
    assert [(document.index, document.line, document.value) for document in documents] == [
        (0, 3, {"a": 1}),
        (1, 6, {"b": 2}),
        (2, 8, "c"),
        (3, 11, "d"),
    ]


@pytest.mark.parametrize(
    "text", ["", "\n", "# only a comment\n", "---\n", "---\n---\n", "...\n...\n", "~", "null\n--- ~\n"]
)
def test_empty_documents_are_left_out(text):
    assert parse_documents(text) == []


def test_empty_documents_count():
    assert [document.index for document in parse_documents("---\n---\na: 1\n---\n---\nb: 1\n")] == [1, 3]


@pytest.mark.parametrize(
    "text",
    [
        "%YAML 1.2\n---\na: 1\n",
        "\ufeffa: 1\n",
        b"\xef\xbb\xbfa: 1\n",
        "a: 1\r\n---\r\n",
        "a: 1\n...\n",
        "%YAML 1.1\n# c\n---\na: 1\n",
    ],
)
def test_what_surrounds_a_document_is_no_part_of_it(text):
    assert values(text) == [{"a": 1}]


def test_a_bad_document_does_not_keep_the_others_from_being_read():
    documents = parse_documents("a: 1\n---\nb: [\n---\nc: 3\n---\nd: 4\nd: 5\n---\ne: *x\n---\nf: 6\n")
    assert [document.value for document in documents] == [{"a": 1}, None, {"c": 3}, None, None, {"f": 6}]
    assert [document.line for document in documents] == [1, 3, 5, 7, 10, 12]
    assert [str(document.error).split(":")[0] for document in documents if document.error] == [
        "Line 4, column 1",
        "Line 8, column 1",
        "Line 10, column 4",
    ]


@pytest.mark.parametrize("text", ["a: |\n  x\n---\nb: 1", 'a: "x\n---\ny"\n---\nb: 1'])
def test_a_marker_ends_a_document_wherever_it_stands(text):
    assert parse_documents(text)[-1].value == {"b": 1}


@pytest.mark.parametrize("text", ["a: |\n  ---\n  b\n", "a: ---b\n", "a: >-\n  ...\n"])
def test_a_marker_that_is_indented_or_goes_on_is_text(text):
    assert list(value(text)) == ["a"]


@given(
    st.lists(
        st.sampled_from(
            ["a: 1", "b: [", "---", "...", "# c", "%YAML 1.2", "", "\t", "? x", "- *y", "--- z", "\x00", '"']
        ),
        max_size=12,
    )
)
def test_any_file_is_read_or_told_what_is_wrong(lines):
    documents = parse_documents("\n".join(lines))
    indexes = [document.index for document in documents]
    assert indexes == sorted(set(indexes))
    for document in documents:
        assert 1 <= document.line <= max(1, len(lines))
        assert (document.value is None) is (document.error is not None)


# Limits


def test_a_file_that_is_too_large_is_refused():
    assert parse_documents("a: 12345", max_bytes=8)
    with pytest.raises(InputError, match="has 9 bytes, more than the 8 allowed"):
        parse_documents("a: 1234é", max_bytes=8)


@pytest.mark.parametrize("text", [b"a: 1\nb: \xff\n", b"\xff\xfea\x00", "a: 1\nb: \ud800"])
def test_a_file_that_is_not_utf_8_is_refused(text):
    with pytest.raises(InputError, match=r"is not UTF-8 \(line [12]\)"):
        parse_documents(text)


def test_a_file_of_too_many_documents_is_refused():
    with pytest.raises(InputError, match="more than 100,000 documents"):
        parse_documents("a\n---\n" * (MAX_DOCUMENTS + 1))


def laughs(levels, width):
    lines = [f"a0: &a0 [{','.join(['lol'] * width)}]"]
    lines += [f"a{level}: &a{level} [{','.join([f'*a{level - 1}'] * width)}]" for level in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(laughs(10, 9), "aliases repeat more than 1,000,000 characters and values", id="exponential"),
        pytest.param(
            f"a: &x [{','.join(['x'] * 20_000)}]\nb: [{','.join(['*x'] * 1000)}]",
            "aliases repeat more than 1,000,000 characters and values",
            id="quadratic",
        ),
        pytest.param(
            f"a: &x {'x' * 500_000}\nb: [{','.join(['*x'] * 1000)}]",
            "aliases repeat more than 1,000,000 characters and values",
            id="long-text",
        ),
        pytest.param("[" * 100_000, "nested more than 100 deep", id="lists"),
        pytest.param("{a: " * 100_000, "nested more than 100 deep", id="objects"),
        pytest.param("- " * 100_000, "nested more than 100 deep", id="blocks"),
        pytest.param(
            "\n".join(f"a{n}: &a{n} {'[' * 60}{f'*a{n - 1}' if n else 'x'}{']' * 60}" for n in range(100)),
            "nested more than 100 deep",
            id="aliases-in-depth",
        ),
    ],
)
def test_a_bomb_is_refused_at_once_and_with_little_memory(text, message):
    tracemalloc.start()
    try:
        started = time.process_time()
        found = error(text)
        seconds = time.process_time() - started
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert message in found
    assert seconds < 60, "not hours"
    assert peak < 64_000_000


def test_values_may_be_as_deep_as_allowed():
    deepest = value("[" * 100 + "]" * 100)
    for _ in range(99):
        (deepest,) = deepest
    assert deepest == []


def test_many_aliases_to_small_values_are_fine():
    assert value("- &x team\n" + "- *x\n" * 5000) == ["team"] * 5001
