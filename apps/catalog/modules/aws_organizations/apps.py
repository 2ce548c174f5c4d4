"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.plugins import ExtensionPoint, ModuleConfig


class AwsOrganizationsModule(ModuleConfig):
    """Reads the accounts of AWS organisations."""

    name = "apps.catalog.modules.aws_organizations"
    label = "catalog_aws_organizations"
    plugin_id = "catalog"
    module_id = "aws-organizations"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add the processor of the location type ``aws-cloud-accounts``."""
        from apps.catalog.extension_points import CatalogProcessing
        from apps.catalog.modules.aws_organizations.conf import configured_account
        from apps.catalog.modules.aws_organizations.processor import AwsOrganizationCloudAccountProcessor

        points[CatalogProcessing].add_processor(AwsOrganizationCloudAccountProcessor(configured_account()))
