"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.events.extension_points import EventsIngress
from apps.events.modules.bitbucket_server.conf import conf
from apps.events.modules.signatures import SignatureValidator
from portal.plugins import ExtensionPoint, ModuleConfig


class BitbucketServerEventsModule(ModuleConfig):
    """Takes in Bitbucket Server's webhooks, if a secret is configured, and sorts them by what has happened."""

    name = "apps.events.modules.bitbucket_server"
    label = "events_bitbucket_server"
    plugin_id = "events"
    module_id = "bitbucket-server"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Open the topic ``bitbucketServer`` to requests that are signed with the configured secret."""
        if conf.webhook_secret:
            validator = SignatureValidator([conf.webhook_secret], header="x-hub-signature")
            points[EventsIngress].add_http_post_ingress("bitbucketServer", validator)
