"""What every core service has."""

from __future__ import annotations

from abc import ABC
from typing import Any

from django.core.checks import CheckMessage


class Service(ABC):
    """Base of core services. One instance serves the whole process; ``for_plugin`` gives a plugin its own view of it.

    A service is made on first use, from ``PORTAL_SERVICES``; making one opens no connection and runs no query.
    """

    #: The key in ``PORTAL_SERVICES``.
    service_name: str = ""

    def for_plugin(self, plugin_id: str) -> Any:
        """Return what a plugin uses. Services without a scope of their own return themselves."""
        return self

    def check(self) -> list[CheckMessage]:
        """Return what is wrong with the service's configuration, for ``manage.py check``."""
        return []

    def close(self) -> None:
        """Let go of connections and threads. Called when the process stops and when settings change in tests."""
