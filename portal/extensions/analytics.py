"""What people do, as analytics are told of it (Backstage's ``AnalyticsEvent``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AnalyticsEvent:
    """An event: ``AnalyticsEvent("navigate", "/catalog", context={"pluginId": "catalog"})``.

    ``subject`` is what it happened to; ``context`` says where: ``pluginId``, ``extensionId`` and ``path``.
    """

    action: str
    subject: str
    value: float | None = None
    attributes: Mapping[str, str | float | bool] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)
    #: The person's ref; empty if nobody is signed in.
    user_entity_ref: str = ""
