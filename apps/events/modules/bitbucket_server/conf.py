"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

from portal.config import Key, Section


class BitbucketServerEventsConf(Section):
    """Webhooks of Bitbucket Server, with the module `apps.events.modules.bitbucket_server`."""

    prefix = "events.modules.bitbucketServer"

    webhook_secret = Key.string(
        "webhookSecret",
        default=None,
        visibility="secret",
        help="The secret that Bitbucket Server signs webhooks with; without one, `/api/events/http/bitbucketServer` "
        "is closed.",
    )


conf = BitbucketServerEventsConf()
