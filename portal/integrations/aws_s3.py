"""Amazon S3, and stores that speak its protocol."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from portal import http_client
from portal.config import Config
from portal.errors import ConfigError, InputError
from portal.integrations.base import ScmIntegration, base_url, secret
from portal.integrations.urls import RepositoryUrl, decoded, encoded, host_of, origin_of, split_url

if TYPE_CHECKING:
    from botocore.session import Session

DEFAULT_REGION = "us-east-1"
SESSION_NAME = "greenroom-url-reader"
#: ``bucket.s3.eu-west-1.amazonaws.com``, ``s3.amazonaws.com/bucket``, and the same behind a VPC's endpoint.
_AMAZON = re.compile(
    r"(?:(?P<bucket>[a-z0-9.-]+)\.)?s3(?:[.-](?P<region>[a-z0-9-]+))?\.amazonaws\.com(?:\.cn)?"
    r"|(?P<vpc_bucket>[a-z0-9.-]+)\.bucket\.vpce-[a-z0-9-]+\.s3[.-](?P<vpc_region>[a-z0-9-]+)"
    r"\.vpce\.amazonaws\.com(?:\.cn)?"
)
_OF_AMAZON = re.compile(r"(?:^|\.)amazonaws\.com(?:\.cn)?$")


@cache
def _descriptions() -> Any:
    """Return what botocore knows of AWS's services, so that several sessions read it from disk once."""
    from botocore.loaders import create_loader

    return create_loader()


class S3Url(NamedTuple):
    """What a URL points at: an object, or whatever has ``key`` at its start."""

    bucket: str
    key: str
    region: str


class AwsS3Integration(ScmIntegration):
    """``integrations.awsS3[]``: ``endpoint, s3ForcePathStyle, accessKeyId, secretAccessKey, roleArn, externalId``.

    Without keys: those that every AWS program uses, from the environment, the files in ``~/.aws``, the machine's role.
    Needs the extra ``s3``.
    """

    type = "awsS3"
    product = "Amazon S3"
    public_host = "amazonaws.com"
    credential_keys = "accessKeyId and secretAccessKey"

    def __init__(self, entry: Config, key: str, *, transport: http_client.BaseTransport | None = None) -> None:
        self.endpoint = base_url(entry, "endpoint", "") if entry.has("endpoint") else None
        if self.endpoint and urlsplit(self.endpoint).path:
            raise entry.error("endpoint", "must not have a path: buckets follow the host.")
        super().__init__(entry, key, transport=transport)
        self.force_path_style = entry.get_bool("s3ForcePathStyle", False)
        self.access_key_id = secret(entry, "accessKeyId")
        self.secret_access_key = secret(entry, "secretAccessKey")
        self.role_arn = entry.get_str("roleArn", None)
        self.external_id = entry.get_str("externalId", None)
        if bool(self.access_key_id) != bool(self.secret_access_key):
            set_, missing = (
                ("accessKeyId", "secretAccessKey") if self.access_key_id else ("secretAccessKey", "accessKeyId")
            )
            raise entry.error(set_, f"needs {missing} beside it: they go together.")
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._clients: dict[str, Any] = {}

    def read_host(self, entry: Config) -> str:
        """Return the endpoint's host."""
        return host_of(self.endpoint) if self.endpoint else self.public_host

    def serves(self, url: str) -> bool:
        """Tell whether a URL is on the host, or on one of a bucket or region in front of it."""
        return f".{host_of(url)}".endswith(f".{self.host}")

    # URLs

    def locate(self, url: str) -> S3Url:
        """Return the bucket, key and region of a URL. Raises ``InputError`` if it has none."""
        path = decoded(split_url(url).path, url).lstrip("/")
        bucket, region = self._from_host(host_of(url), url)
        if self.force_path_style or not bucket:
            bucket, slash, path = path.partition("/")
            if not (bucket and slash):
                raise self._not_s3(url)
        return S3Url(bucket, path, region or DEFAULT_REGION)

    def parse(self, url: str) -> RepositoryUrl:
        """Return what a URL points at: the repository is the bucket, the path the key."""
        found = self.locate(url)
        return RepositoryUrl(host_of(url), "", found.bucket, "", found.key)

    def root_of(self, url: str) -> str:
        """Return the bucket's part of the path, which is empty if the host names the bucket."""
        own = self.locate(url)
        in_path = decoded(split_url(url).path, url).lstrip("/") == f"{own.bucket}/{own.key}"
        return f"/{own.bucket}" if in_path else ""

    def file_url(self, base: str, path: str) -> str:
        """Return the URL of another object of the bucket, written the same way."""
        return f"{origin_of(base)}{self.root_of(base)}/{encoded(path)}"

    def _from_host(self, host: str, url: str) -> tuple[str, str]:
        if not _OF_AMAZON.search(self.host):
            return host.removesuffix(self.host).rstrip("."), ""
        match = _AMAZON.fullmatch(host)
        if match is None or (match["vpc_bucket"] and self.force_path_style):
            raise self._not_s3(url)
        return match["bucket"] or match["vpc_bucket"] or "", match["region"] or match["vpc_region"] or ""

    def _not_s3(self, url: str) -> InputError:
        host = self.host if self.endpoint else f"s3.<region>.{self.host}"
        return self.malformed(url, f"https://<bucket>.{host}/<path> or https://{host}/<bucket>/<path>")

    # Credentials

    def client(self, region: str) -> Any:
        """Return botocore's client of S3 for a region; threads may share it.

        Raises ``ConfigError`` if botocore isn't installed.
        """
        with self._lock:
            if region not in self._clients:
                self._clients[region] = self._new_client(region)
            return self._clients[region]

    def _new_client(self, region: str) -> Any:
        try:
            import botocore.session
            from botocore.config import Config as ClientConfig
        except ImportError as error:
            raise ConfigError(f"{self.key} needs the package botocore. Install greenroom[s3].", cause=error) from error
        if self._session is None:
            self._session = self._new_session(botocore.session.Session, region)
        settings = ClientConfig(
            connect_timeout=http_client.CONNECT_TIMEOUT,
            read_timeout=http_client.READ_TIMEOUT,
            max_pool_connections=50,
            user_agent_extra=http_client.USER_AGENT,
            retries={"mode": "standard", "max_attempts": 2},
            s3={"addressing_style": "path" if self.force_path_style else "auto"},
        )
        return self._session.create_client("s3", region_name=region, endpoint_url=self.endpoint, config=settings)

    def _new_session(self, new: Callable[[], Session], region: str) -> Session:
        own = new()
        own.register_component("data_loader", _descriptions())
        if self.access_key_id and self.secret_access_key:
            own.set_credentials(self.access_key_id, self.secret_access_key)
        if not self.role_arn:
            return own
        acting = new()
        acting.register_component("data_loader", _descriptions())
        acting.register_component("credential_provider", self._role_of(own, self.role_arn, region))
        return acting

    def _role_of(self, own: Session, role: str, region: str) -> Any:
        """Return what gives a session the credentials of a role, for which the own ones ask."""
        from botocore.credentials import (
            AssumeRoleCredentialFetcher,
            CredentialProvider,
            CredentialResolver,
            DeferredRefreshableCredentials,
        )

        fetcher = AssumeRoleCredentialFetcher(
            partial(own.create_client, region_name=region),
            own.get_credentials(),
            role,
            extra_args={"RoleSessionName": SESSION_NAME}
            | ({"ExternalId": self.external_id} if self.external_id else {}),
        )

        class RoleProvider(CredentialProvider):
            METHOD = "assume-role"

            def load(self) -> Any:
                return DeferredRefreshableCredentials(fetcher.fetch_credentials, self.METHOD)

        return CredentialResolver([RoleProvider()])
