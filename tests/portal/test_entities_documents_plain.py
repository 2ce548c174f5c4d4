"""The short way of reading documents: it gives what the composer gives, or leaves the document to it."""

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from portal.entities.documents.composer import MAX_DEPTH, CompositionError, compose_all
from portal.entities.documents.plain import MOST_FLOWS, plain_object

ENTITY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: web
  description: "What people see: it's the shop"
  annotations: {github.com/project-slug: acme/web, acme.example/limit: '10 MB'}
  tags: [java, b2b]
spec:
  type: website
  replicas: 3
  hidden: false
  notes: |
    One.
      Two.
"""

#: What documents are made of, with much that is read in one way by some and in another by others.
PIECES = st.sampled_from(
    [
        *("a", "b", "key", ": ", ":", "\n", "\n  ", "\n    ", "- ", "-", "? ", "[", "]", "{", "}", ", ", ",", "'", '"'),
        *("|", "|-\n  ", ">", "\n\n", " #c", "#", "0", "1", "01", "-1", "1.5", "1e3", "1e999", "0x1", "0b1", "0o1"),
        *("9" * 25, "true", "null", "~", "yes", ".inf", ".nan", "1_0", "2001-01-01", "1:30", "<<", "=", "é", "🙂"),
        *("\u2028", "\x85", "\t", "\r\n", "\r", "\\", r"\n", r"\0", r"\x00", "''", "@", "%", "---", "...", "\x07", " "),
        *("&x ", "*x", "!", "!!str ", "\ufeff", "\ud800"),
    ]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=12).map("".join)


def composed(text):
    """Return the values that the composer gives, or what it raises."""
    try:
        return repr(compose_all(text))
    except (yaml.YAMLError, CompositionError) as error:
        return error


@given(st.one_of(TEXTS, TEXTS.map("k: {}".format), TEXTS.map(lambda text: f"{ENTITY}  more: {text}\n")))
@example("1: a\n'1': b\n")
@example("? {a: b}\n: c\n")
@example("01: a\n")
@example("a: 1\n---\nb: 1\n")
def test_what_is_read_in_one_go_is_what_the_composer_reads(text):
    found = plain_object(text)
    assert found is None or f"[{found!r}]" == composed(text)


def test_an_ordinary_entity_is_read_in_one_go():
    found = plain_object(ENTITY)
    assert found is not None
    assert [found] == compose_all(ENTITY)


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [1]\nb: *x",
        "a: !!int '3'",
        "a: 1\na: 2",
        "{a: {b: 1, b: 2}}",
        "1: a",
        "true: a",
        ": a",
        "? [a]\n: b",
        "a: 010",
        "a: 0b1",
        "a: -0x1F",
        "a: 1.0",
        "a: 1e999",
        "a: .inf",
        'a: "\\0"',
        'a: "1"',
        "- a",
        "a",
        "",
        "a: b: c",
        "a: 1\n--- {b: 1}",
    ],
)
def test_what_is_read_differently_elsewhere_is_left_to_the_composer(text):
    assert plain_object(text) is None


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1])
def test_values_are_as_deep_as_the_composer_allows(depth):
    text = "{a: " * depth + "b" + "}" * depth
    assert (plain_object(text) is not None) == (depth == MAX_DEPTH)


@pytest.mark.parametrize("opening", ["[", "{a: "])
def test_what_may_take_for_ever_isnt_begun(opening, monkeypatch):
    """Libyaml takes seconds for ten thousand levels; the composer stops after a hundred."""
    monkeypatch.setattr("portal.entities.documents.plain.ryaml.loads", pytest.fail)
    assert plain_object("a: " + opening * (MOST_FLOWS + 1)) is None
