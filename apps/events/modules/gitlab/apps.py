"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.events.extension_points import EventsIngress
from apps.events.modules.gitlab.conf import conf
from apps.events.modules.gitlab.tokens import TokenValidator
from portal.plugins import ExtensionPoint, ModuleConfig


class GitlabEventsModule(ModuleConfig):
    """Takes in GitLab's webhooks, if a secret is configured, and sorts them by what has happened."""

    name = "apps.events.modules.gitlab"
    label = "events_gitlab"
    plugin_id = "events"
    module_id = "gitlab"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Open the topic ``gitlab`` to requests that bear the configured secret."""
        if conf.webhook_secret:
            points[EventsIngress].add_http_post_ingress("gitlab", TokenValidator(conf.webhook_secret))
