"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.events.extension_points import EventsIngress
from apps.events.modules.github.conf import webhook_secrets
from apps.events.modules.signatures import SignatureValidator
from portal.plugins import ExtensionPoint, ModuleConfig


class GithubEventsModule(ModuleConfig):
    """Takes in GitHub's webhooks, if a secret is configured, and sorts them by what has happened."""

    name = "apps.events.modules.github"
    label = "events_github"
    plugin_id = "events"
    module_id = "github"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Open the topic ``github`` to requests that are signed with a configured secret."""
        secrets = webhook_secrets()
        if secrets:
            validator = SignatureValidator(secrets, header="x-hub-signature-256")
            points[EventsIngress].add_http_post_ingress("github", validator)
