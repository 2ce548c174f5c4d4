"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.events.extension_points import EventsIngress
from apps.events.modules.bitbucket_cloud.conf import conf
from apps.events.modules.signatures import SignatureValidator
from portal.plugins import ExtensionPoint, ModuleConfig


class BitbucketCloudEventsModule(ModuleConfig):
    """Takes in Bitbucket Cloud's webhooks, if a secret is configured, and sorts them by what has happened."""

    name = "apps.events.modules.bitbucket_cloud"
    label = "events_bitbucket_cloud"
    plugin_id = "events"
    module_id = "bitbucket-cloud"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Open the topic ``bitbucketCloud`` to requests that are signed with the configured secret."""
        if conf.webhook_secret:
            validator = SignatureValidator([conf.webhook_secret], header="x-hub-signature")
            points[EventsIngress].add_http_post_ingress("bitbucketCloud", validator)
