"""Signatures of webhooks: an HMAC of the body, with a secret that both sides know."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from apps.events.extension_points import IngressRequest, RequestRejected


class SignatureValidator:
    """Lets requests through that are signed with one of the secrets (HMAC with SHA-256, in hexadecimal digits)."""

    def __init__(self, secrets: Iterable[str], *, header: str, prefix: str = "sha256=") -> None:
        """Look for the signature in a header, by its name in lower case, after ``prefix``."""
        self._secrets = [secret.encode() for secret in secrets]
        self._header = header
        self._prefix = prefix

    def __call__(self, request: IngressRequest) -> None:
        """Compare the signature of the body as it was sent; raise ``RequestRejected`` (403) if none fits."""
        signature = request.headers.get(self._header, "").encode("latin-1", "replace")
        expected = [
            f"{self._prefix}{hmac.new(secret, request.raw, hashlib.sha256).hexdigest()}".encode()
            for secret in self._secrets
        ]
        if not any(hmac.compare_digest(one, signature) for one in expected):
            raise RequestRejected(403, {"message": "invalid signature"})
