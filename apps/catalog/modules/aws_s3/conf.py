"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.catalog.modules.provider_config import provider_configs, schedule_of
from portal.config import Config, Key, Section
from portal.integrations.aws_accounts import read_account_id


class AwsS3ProvidersConf(Section):
    """Catalog files in Amazon S3, with the module `apps.catalog.modules.aws_s3`."""

    prefix = "catalog.providers"

    aws_s3 = Key.json(
        "awsS3",
        default={},
        help="One provider, or a map of ids to providers: `{bucketName, prefix, region, accountId, schedule: "
        "{frequency, timeout, initialDelay, scope}}`. Each object whose key begins with `prefix` is read as a catalog "
        "file. Without a `region` it is what AWS's programs take, the environment's or that of `~/.aws/config`. "
        "Credentials are those of the first entry of `integrations.awsS3`; with an `accountId`, those that `aws` has "
        "for this account, if it has any. Without a `schedule` it runs every 30 minutes.",
    )


conf = AwsS3ProvidersConf()


@dataclass(frozen=True)
class AwsS3ProviderConfig:
    """One provider's section."""

    id: str
    bucket: str
    #: Empty: all objects.
    prefix: str
    region: str | None
    account: str | None
    schedule: Mapping[str, Any]

    @classmethod
    def read(cls, id: str, entry: Config) -> AwsS3ProviderConfig:
        """Read a section. Raises ``ConfigError`` for the first mistake in it."""
        return cls(
            id=id,
            bucket=entry.get_str("bucketName"),
            prefix=entry.get_str("prefix", ""),
            region=entry.get_str("region", None),
            account=read_account_id(entry, "accountId") if entry.has("accountId") else None,
            schedule=schedule_of(entry),
        )


def read_configs() -> list[AwsS3ProviderConfig]:
    """Return the configured providers."""
    found = provider_configs(conf.config.child("catalog.providers.awsS3"), single_if=("bucketName",))
    return [AwsS3ProviderConfig.read(name, entry) for name, entry in found]
