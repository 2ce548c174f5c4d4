"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.events.extension_points import EventsIngress
from apps.events.modules.gitea.conf import conf
from apps.events.modules.signatures import SignatureValidator
from portal.plugins import ExtensionPoint, ModuleConfig


class GiteaEventsModule(ModuleConfig):
    """Takes in Gitea's webhooks, if a secret is configured, and sorts them by what has happened."""

    name = "apps.events.modules.gitea"
    label = "events_gitea"
    plugin_id = "events"
    module_id = "gitea"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Open the topic ``gitea`` to requests that are signed with the configured secret."""
        if conf.webhook_secret:
            validator = SignatureValidator([conf.webhook_secret], header="x-gitea-signature", prefix="")
            points[EventsIngress].add_http_post_ingress("gitea", validator)
