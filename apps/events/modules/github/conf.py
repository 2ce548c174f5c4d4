"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

from portal.config import Key, Section, current


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


def webhook_secrets() -> set[str]:
    """Return the configured secrets: the module's, and those of the GitHub apps among the integrations."""
    secrets = {conf.webhook_secret}
    for integration in current().children("integrations.github") if current().has("integrations.github") else ():
        for app in integration.children("apps") if integration.has("apps") else ():
            secrets.add(app.get_str("webhookSecret", default=None))
    return {secret for secret in secrets if secret}
