"""What ``home`` in ``app-config.yaml`` says. The pages and widgets are configured under ``app.extensions``."""

from __future__ import annotations

from datetime import timedelta

from portal.config import Key, Section


class HomeConf(Section):
    """How long visits are remembered."""

    prefix = "home"

    visit_retention = Key.duration(
        "visits.retention", default=timedelta(days=90), help="How long after its last visit a page is remembered."
    )
    visits_per_person = Key.integer(
        "visits.limit", default=200, help="How many pages are remembered for each person, the latest visited."
    )


conf = HomeConf()
