"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

from portal.config import Key, Section


class BitbucketCloudEventsConf(Section):
    """Webhooks of Bitbucket Cloud, with the module `apps.events.modules.bitbucket_cloud`."""

    prefix = "events.modules.bitbucketCloud"

    webhook_secret = Key.string(
        "webhookSecret",
        default=None,
        visibility="secret",
        help="The secret that Bitbucket Cloud signs webhooks with; without one, `/api/events/http/bitbucketCloud` "
        "is closed.",
    )


conf = BitbucketCloudEventsConf()
