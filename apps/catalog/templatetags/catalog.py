"""Links to entities: ``{% entity_ref link icon=True %}``, and ``{% entity_refs links %}`` for several in one row; and
``{% star_button ref url starred=True id="star" %}``.
"""

from __future__ import annotations

from django import template

from apps.catalog.views import cells

register = template.Library()

register.simple_tag(cells.entity_ref)
register.simple_tag(cells.entity_refs)
register.simple_tag(cells.star_button)
