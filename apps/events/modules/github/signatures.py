"""GitHub's signatures: an HMAC of the body, with a secret that both sides know."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from apps.events.extension_points import IngressRequest, RequestRejected
from apps.events.modules.github.conf import conf
from portal.config import current

HEADER = "x-hub-signature-256"


def webhook_secrets() -> set[str]:
    """Return the configured secrets: the module's, and those of the GitHub apps among the integrations."""
    secrets = {conf.webhook_secret}
    for integration in current().children("integrations.github") if current().has("integrations.github") else ():
        for app in integration.children("apps") if integration.has("apps") else ():
            secrets.add(app.get_str("webhookSecret", default=None))
    return {secret for secret in secrets if secret}


class SignatureValidator:
    """Lets requests through that are signed with one of the secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = [secret.encode() for secret in secrets]

    def __call__(self, request: IngressRequest) -> None:
        """Compare the signature of the body as it was sent; raise ``RequestRejected`` (403) if none fits."""
        signature = request.headers.get(HEADER, "").encode("latin-1", "replace")
        expected = [
            f"sha256={hmac.new(secret, request.raw, hashlib.sha256).hexdigest()}".encode() for secret in self._secrets
        ]
        if not any(hmac.compare_digest(one, signature) for one in expected):
            raise RequestRejected(403, {"message": "invalid signature"})
