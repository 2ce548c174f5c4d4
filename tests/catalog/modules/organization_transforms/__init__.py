"""A module that adds what a test says to the extension points of the modules for organisations."""

from tests.catalog.modules.organization_transforms.apps import OrganizationTransformsModule

__all__ = ["OrganizationTransformsModule"]
