"""The facts of the module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.plugins import ExtensionPoint, ModuleConfig


class AwsS3Module(ModuleConfig):
    """Takes the objects in buckets of Amazon S3 for catalog files."""

    name = "apps.catalog.modules.aws_s3"
    label = "catalog_aws_s3"
    plugin_id = "catalog"
    module_id = "aws-s3"

    def extend(self, points: Mapping[type[ExtensionPoint], Any]) -> None:
        """Add a provider for each one that is configured."""
        from apps.catalog.extension_points import CatalogProcessing
        from apps.catalog.modules.aws_s3.provider import configured_providers

        points[CatalogProcessing].add_entity_provider(*configured_providers())
