"""The provider, one for each configured id."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from apps.catalog.extension_points import DeferredEntity, EntityProviderConnection, ScheduledEntityProvider
from apps.catalog.modules.aws_s3.conf import AwsS3ProviderConfig, read_configs
from apps.catalog.modules.locations import found_file
from apps.catalog.modules.patience import go_on
from portal.errors import ConfigError
from portal.http_client import new_client
from portal.integrations import AwsS3Integration, scm_integrations
from portal.integrations.aws_sessions import DEFAULT_REGION
from portal.integrations.host_api import FOR_A_TREE, HostApi
from portal.services import logger
from portal.services.url_reader.aws_s3 import AwsS3Reader

log = logger.for_plugin("catalog")


class AwsS3EntityProvider(ScheduledEntityProvider):
    """Keeps a Location for each object of a bucket."""

    def __init__(self, config: AwsS3ProviderConfig) -> None:
        """Get ready. Raises ``ConfigError`` if the configured role belongs to another account."""
        self.name = f"awsS3-provider:{config.id}"
        self.schedule = config.schedule
        self._config = config
        self._integration()

    def refresh(self, connection: EntityProviderConnection) -> None:
        """List the objects, and apply what is there once everything is listed."""
        integration = self._integration()
        base = bucket_url(integration, self._config.bucket, self._config.region)
        found: list[DeferredEntity] = []
        with new_client() as client:
            api = HostApi(client, integration, base, limits=FOR_A_TREE)
            for item in AwsS3Reader().objects(api, integration, integration.parse(base), self._config.prefix):
                go_on()
                # Consoles make such objects to show folders.
                if not item.name.endswith("/"):
                    url = integration.file_url(base, item.name)
                    found.append(found_file(url, provider=self.name, presence="required"))
        connection.apply_full_mutation(found)
        log.info("Listed a bucket of Amazon S3", provider=self.name, files=len(found))

    def _integration(self) -> AwsS3Integration:
        integration = next(iter(scm_integrations().aws_s3))
        account, role = self._config.account, integration.role_arn
        if account is None:
            return integration
        if integration.accounts.knows(account) or not (role or integration.access_key_id):
            return integration.for_account(account)
        if role is not None and f":{account}:" not in role:
            raise ConfigError(
                f"{self.name} is for the account {account}, but {integration.key}.roleArn is a role of another one: "
                f"{role}. Set a role of that account there, or name the account in aws.accounts."
            )
        return integration


def bucket_url(integration: AwsS3Integration, bucket: str, region: str | None) -> str:
    """Return the URL of a bucket, as AWS's programs write it, with a slash at its end."""
    # A certificate covers one name before the host, so a bucket with dots stands in the path.
    in_path = integration.force_path_style or "." in bucket
    if integration.endpoint:
        scheme, host = urlsplit(integration.endpoint)[:2]
    else:
        scheme, host = "https", f"s3.{region or _default_region()}.{integration.host}"
    return f"{scheme}://{host}/{bucket}/" if in_path else f"{scheme}://{bucket}.{host}/"


def _default_region() -> str:
    """Return the region that AWS's programs would take."""
    try:
        from botocore.session import Session
    except ImportError:
        return DEFAULT_REGION
    return os.environ.get("AWS_REGION") or Session().get_config_variable("region") or DEFAULT_REGION


def configured_providers() -> list[AwsS3EntityProvider]:
    """Return a provider for each id. Raises ``ConfigError`` for the first mistake."""
    return [AwsS3EntityProvider(config) for config in read_configs()]
