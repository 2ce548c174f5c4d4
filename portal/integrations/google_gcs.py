"""Google Cloud Storage."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import quote

from portal import http_client
from portal.config import Config
from portal.errors import ConfigError, InputError, ServiceUnavailableError
from portal.extras import install_command
from portal.integrations.base import ScmIntegration
from portal.integrations.credentials import Credentials, bearer
from portal.integrations.urls import RepositoryUrl, decoded, encoded, host_of, split_url

if TYPE_CHECKING:
    from google.auth.credentials import Credentials as GoogleCredentials

SCOPE = "https://www.googleapis.com/auth/devstorage.read_only"
TOKEN_URL = "https://oauth2.googleapis.com/token"


class GoogleGcsIntegration(ScmIntegration):
    """``integrations.googleGcs``: ``clientEmail, privateKey`` of a service account; without them the default ones.

    Those are what Google's own programs use: ``GOOGLE_APPLICATION_CREDENTIALS``, ``gcloud``'s, the machine's. Needs the
    extra ``gcs``.
    """

    type = "googleGcs"
    product = "Google Cloud Storage"
    public_host = "storage.cloud.google.com"
    credential_keys = "clientEmail and privateKey"
    api_base_url: ClassVar[str] = "https://storage.googleapis.com/storage/v1"

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        super().__init__(entry, key, transport=transport)
        self.client_email = entry.get_str("clientEmail", None)
        private_key = entry.get_str("privateKey", None)
        self.private_key = private_key.replace("\\n", "\n") if private_key else None
        if bool(self.client_email) != bool(self.private_key):
            set_, missing = ("clientEmail", "privateKey") if self.client_email else ("privateKey", "clientEmail")
            raise entry.error(set_, f"needs {missing} beside it: they go together.")
        self._lock = threading.Lock()
        self._google: GoogleCredentials | None = None

    @classmethod
    def read_all(cls, config: Config, *, transport: http_client.BaseTransport | None = None) -> tuple[Self, ...]:
        """Return the one there can be, if it is configured, be it without any keys: this is no list."""
        key = f"integrations.{cls.type}"
        return (cls(config.child(key), key, transport=transport),) if config.has(key) else ()

    def read_host(self, entry: Config) -> str:
        """Return the one host that there is."""
        return self.public_host

    def parse(self, url: str) -> RepositoryUrl:
        """Return what a URL points at: the repository is the bucket, the path the object's name."""
        path = decoded(split_url(url).path, url).lstrip("/")
        bucket, _, name = path.partition("/")
        if not bucket or host_of(url) != self.host:
            raise self.malformed(url, f"https://{self.host}/<bucket>/<path>")
        return RepositoryUrl(self.host, "", bucket, "", name)

    def root_of(self, url: str) -> str:
        """Return the bucket's part of the path."""
        return f"/{self.parse(url).repo}"

    def file_url(self, base: str, path: str) -> str:
        """Return the URL of another object of the bucket."""
        return f"https://{self.host}/{self.parse(base).repo}/{encoded(path)}"

    def bucket_url(self, bucket: str) -> str:
        """Return where the API has a bucket's objects."""
        return f"{self.api_base_url}/b/{quote(bucket, safe='')}/o"

    def advice(self) -> str:
        """Return the sentence that says how to configure credentials."""
        return f"Set {self.credential_keys} in {self.key} in app-config.yaml."

    def configured_credentials(self, url: str) -> Credentials:
        """Return a token of the service account, kept until shortly before its end."""
        try:
            from google.auth.exceptions import GoogleAuthError
        except ImportError as error:
            raise ConfigError(
                f"{self.key} needs the package google-auth: {install_command('gcs')}.", cause=error
            ) from error
        with self._lock:
            try:
                credentials = self._google = self._google or self._load()
                if not credentials.valid:
                    credentials.refresh(_request(self._transport))
            except (GoogleAuthError, ValueError) as error:
                said = ", ".join(str(part) for part in error.args if part and part is not True) or type(error).__name__
                if getattr(error, "retryable", False):
                    raise ServiceUnavailableError(f"There is no token for {self.key} now: {said}") from error
                raise InputError(f"There is no token for {self.key}: {said}") from error
            return bearer(str(credentials.token), self.key, kind="oauth")

    def _load(self) -> GoogleCredentials:
        import google.auth
        from google.oauth2 import service_account

        if not self.client_email:
            found: GoogleCredentials = google.auth.default(scopes=[SCOPE])[0]
            return found
        info = {"client_email": self.client_email, "private_key": self.private_key, "token_uri": TOKEN_URL}
        made: GoogleCredentials = service_account.Credentials.from_service_account_info(info, scopes=[SCOPE])
        return made


def _request(transport: http_client.BaseTransport | None) -> Any:
    """Return what google-auth makes its requests with, over the portal's own client."""
    from google.auth import transport as google_transport
    from google.auth.exceptions import TransportError

    class Response(google_transport.Response):
        def __init__(self, response: http_client.Response) -> None:
            self._response = response

        @property
        def status(self) -> int:
            return self._response.status_code

        @property
        def headers(self) -> Mapping[str, str]:
            return self._response.headers

        @property
        def data(self) -> bytes:
            return self._response.content

    class Request(google_transport.Request):
        def __call__(
            self,
            url: str,
            method: str = "GET",
            body: bytes | None = None,
            headers: Mapping[str, str] | None = None,
            timeout: float | None = None,
            **kwargs: Any,
        ) -> Response:
            try:
                with http_client.new_client(transport=transport) as client:
                    return Response(client.request(method, url, content=body, headers=dict(headers or {})))
            except http_client.HTTPError as error:
                raise TransportError(error, retryable=True) from error

    return Request()
