"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

from portal.config import Key, Section


class GiteaEventsConf(Section):
    """Webhooks of Gitea, with the module `apps.events.modules.gitea`."""

    prefix = "events.modules.gitea"

    webhook_secret = Key.string(
        "webhookSecret",
        default=None,
        visibility="secret",
        help="The secret that Gitea signs webhooks with; without one, `/api/events/http/gitea` is closed.",
    )


conf = GiteaEventsConf()
