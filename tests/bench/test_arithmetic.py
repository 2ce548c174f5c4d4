from __future__ import annotations

import pytest

from bench.arithmetic import difference, percentile, ratio


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 5), (90, 9), (91, 10), (100, 10)])
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(percent, expected):
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent) == expected


def test_nothing_has_no_percentile():
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_a_ratio_with_what_is_not_known_or_nothing_is_not_known():
    assert ratio(6.0, 2.0) == 3.0
    assert [ratio(None, 2.0), ratio(6.0, None), ratio(6.0, 0.0)] == [None, None, None]


def test_a_difference_names_what_has_changed():
    assert difference({"a": 5, "b": 2, "new": 1}, {"a": 3, "b": 2}) == {"a": 2, "new": 1}
