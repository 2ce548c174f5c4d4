"""Deletion safety: a provider that suddenly loses much of what it had is more likely broken than right."""

from __future__ import annotations

from collections.abc import Set

import orjson
from django.utils import timezone

from apps.catalog.conf import conf
from apps.catalog.models import HeldRemoval
from portal.services import logger

log = logger.for_plugin("catalog")


def removable(provider: str, refs: Set[str], *, total: int) -> Set[str]:
    """Return which of ``refs`` may be removed now: all of them, or none if that is too much to be believed.

    ``total`` is how many entities the provider had. A removal that is held back waits in ``HeldRemoval`` until somebody
    confirms it; one that the provider takes back is forgotten.
    """
    if not _too_large(len(refs), total):
        HeldRemoval.objects.filter(provider=provider).delete()
        return refs
    listed = orjson.dumps(sorted(refs)).decode()
    held = HeldRemoval.objects.filter(provider=provider).first()
    if held is None or held.refs != listed:
        HeldRemoval.objects.update_or_create(
            provider=provider,
            defaults={
                "refs": listed,
                "count": len(refs),
                "total": total,
                "held_at": held.held_at if held else timezone.now(),
            },
        )
        log.warning(
            "A provider would remove too many of its entities at once; nothing goes until it is confirmed in the admin",
            provider=provider,
            removed=len(refs),
            of=total,
        )
    return frozenset()


def _too_large(count: int, total: int) -> bool:
    if not conf.deletion_safety_enabled or count < conf.deletion_safety_minimum:
        return False
    return count > total * conf.deletion_safety_threshold
