"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

from portal.config import Key, Section


class GithubEventsConf(Section):
    """Webhooks of GitHub, with the module `apps.events.modules.github`."""

    prefix = "events.modules.github"

    webhook_secret = Key.string(
        "webhookSecret",
        default=None,
        visibility="secret",
        help="The secret that GitHub signs webhooks with. The `webhookSecret` of each app in `integrations.github` "
        "counts too; without any, `/api/events/http/github` is closed.",
    )


conf = GithubEventsConf()
