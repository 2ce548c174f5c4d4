"""What stands in the cells of tables, hostile values included, and which values of a filter are offered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils.safestring import SafeString

from apps.catalog.queries.briefs import EntityBrief
from apps.catalog.views import cells
from apps.catalog.views.links import Known, entity_link
from apps.catalog.views.options import MAX_OPTIONS, foremost, merged

HOSTILE = "\"><script>alert('1')</script>&"
HOSTILE_LINK = entity_link("group:default/a", {"group:default/a": EntityBrief(HOSTILE, HOSTILE, description=HOSTILE)})


@pytest.mark.parametrize(
    ("draw", "value"),
    [
        (cells.text_cell, HOSTILE),
        (cells.note_cell, HOSTILE),
        (cells.status_cell, HOSTILE),
        (cells.tags_cell, [HOSTILE] * 9),
        (cells.targets_cell, [HOSTILE]),
        (cells.entity_refs, [HOSTILE_LINK]),
        (cells.entity_ref, HOSTILE_LINK),
    ],
)
def test_hostile_values_stay_text(draw: Callable[[Any], SafeString], value: Any) -> None:
    html = draw(value)
    assert "<script" not in html
    assert "&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;&amp;" in html


def test_a_link_tells_what_it_leads_to_and_that_it_leads_nowhere() -> None:
    brief = EntityBrief("Team A", "team", "user:default/jane", "Makes things")
    known: Known = {"group:default/a": brief, "user:default/jane": "Jane"}
    html = cells.entity_ref(entity_link("group:default/a", known), icon=True)
    assert 'data-peek-type="team" data-peek-owner="Jane" data-peek-note="Makes things"' in html
    assert "<svg" in html
    missing = cells.entity_ref(entity_link("group:default/b", known))
    assert 'class="entity-ref is-missing"' in missing
    assert "not in the catalog" in missing
    assert "<svg" not in missing


def test_targets_beyond_three_are_counted() -> None:
    assert cells.targets_cell(["a", "b", "c"]).count("<div") == 3
    assert "<div>and 2 more</div>" in cells.targets_cell(["a", "b", "c", "d", "e"])


def test_what_most_entities_have_is_offered_after_what_is_chosen() -> None:
    counts = [{"value": f"v{number:02d}", "count": number} for number in range(40)]
    offered = foremost(merged(counts, ["V03", "gone"]))
    assert [one.value for one in offered[:4]] == ["v03", "gone", "v39", "v38"]
    assert len(offered) == MAX_OPTIONS


def test_all_that_is_chosen_is_offered() -> None:
    chosen = [f"c{number}" for number in range(20)]
    assert [one.value for one in foremost(merged([{"value": "often", "count": 9}], chosen))] == sorted(chosen)
