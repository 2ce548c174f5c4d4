"""Fingerprints of JSON values."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.entities import stable_hash
from portal.errors import InputError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def reversed_keys(value):
    if isinstance(value, dict):
        return {key: reversed_keys(member) for key, member in reversed(value.items())}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


def test_the_fingerprint_is_that_of_the_canonical_text():
    canonical = b'{"a":[1,2.5,null,true,"\xc3\xbc"],"b":{"c":{}}}'
    expected = hashlib.sha1(canonical, usedforsecurity=False).hexdigest()
    assert stable_hash({"b": {"c": {}}, "a": [1, 2.5, None, True, "ü"]}) == expected


@given(JSON)
def test_the_order_of_keys_makes_no_difference(value):
    assert stable_hash(value) == stable_hash(reversed_keys(value))


@given(st.lists(st.integers(), min_size=2, max_size=5, unique=True))
def test_the_order_of_items_makes_a_difference(items):
    assert stable_hash([str(item) for item in items]) != stable_hash([str(item) for item in reversed(items)])


def nested(levels):
    value: list = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("value", [{1: "a"}, {"a": 2**64}, {"a": {1}}, nested(300)])
def test_what_can_not_be_stored_has_no_fingerprint(value):
    with pytest.raises(InputError, match="can't be stored as JSON"):
        stable_hash(value)
