"""GitLab's tokens: a secret that comes along with each webhook."""

from __future__ import annotations

import hmac

from apps.events.extension_points import IngressRequest, RequestRejected

HEADER = "x-gitlab-token"


class TokenValidator:
    """Lets requests through that bear the secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def __call__(self, request: IngressRequest) -> None:
        """Compare the token; raise ``RequestRejected`` (403) if it is another one."""
        token = request.headers.get(HEADER, "").encode("latin-1", "replace")
        if not hmac.compare_digest(self._secret, token):
            raise RequestRejected(403, {"message": "invalid token"})
