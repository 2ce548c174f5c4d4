"""Feature flags: parts of the interface that people may switch on before everybody gets them.

A plugin declares its flags in its room ``extensions`` (``FLAG = FeatureFlag("new-graph", "Draws the graph anew")``);
its extensions ask for them by ``enabled_if = {"featureFlags": {"$contains": "new-graph"}}``.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from portal.extensions.apis import ApiRef

_NAME = re.compile(r"[a-z][a-z0-9-]{2,149}")


@dataclass(frozen=True, slots=True)
class FeatureFlag:
    """A flag: its name is lowercase letters, digits and hyphens, 3 to 150 of them, and begins with a letter."""

    name: str
    description: str = ""
    #: Who declares it; filled in when it is found.
    plugin_id: str = ""

    def faults(self) -> Iterable[str]:
        """Return what is wrong with it, each a clause."""
        if not _NAME.fullmatch(self.name):
            yield (
                f"its name {self.name!r} must be 3 to 150 lowercase letters, digits and hyphens and begin with a letter"
            )


class FeatureFlagsApi(ABC):
    """Knows the flags, and who has switched which on. Provided by ``api:app/feature-flags``."""

    @abstractmethod
    def registered(self) -> list[FeatureFlag]:
        """Return the flags that plugins declare, in order of installation."""

    @abstractmethod
    def active(self, request: HttpRequest) -> list[str]:
        """Return the names of the flags that the person has switched on, sorted."""

    @abstractmethod
    def save(self, response: HttpResponse, active: Iterable[str], *, secure: bool) -> None:
        """Remember the flags that a person has switched on, by way of the response to them."""


feature_flags_api: ApiRef[FeatureFlagsApi] = ApiRef("core.featureflags", FeatureFlagsApi)
