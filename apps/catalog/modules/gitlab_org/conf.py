"""What the module's section of ``app-config.yaml`` says: it is the one of the module ``gitlab``."""

from __future__ import annotations

from apps.catalog.modules.gitlab.conf import GitlabProviderConfig, conf, read_configs
from portal.errors import ConfigError

__all__ = ["conf", "read_org_configs"]

PUBLIC_HOST = "gitlab.com"


def read_org_configs() -> list[GitlabProviderConfig]:
    """Return the configured providers that are enabled for users and groups. Raises ``ConfigError``."""
    found = [config for config in read_configs() if config.org_enabled]
    for config in found:
        if config.host == PUBLIC_HOST and not config.group:
            raise ConfigError(
                f"catalog.providers.gitlab.{config.id} has no group, and {PUBLIC_HOST} has more users than anybody "
                "wants. Set group."
            )
    return found
