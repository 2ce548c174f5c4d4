"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

from portal.config import Key, Section


class GitlabEventsConf(Section):
    """Webhooks of GitLab, with the module `apps.events.modules.gitlab`."""

    prefix = "events.modules.gitlab"

    webhook_secret = Key.string(
        "webhookSecret",
        default=None,
        visibility="secret",
        help="The secret token that GitLab sends with webhooks; without one, `/api/events/http/gitlab` is closed.",
    )


conf = GitlabEventsConf()
