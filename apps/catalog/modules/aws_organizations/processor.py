"""The processor, and AWS's Organizations API as it uses that.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

from apps.catalog.extension_points import Processor, ReadContext
from portal.entities import Entity, LocationRef
from portal.errors import PortalError
from portal.integrations.aws_accounts import AwsAccounts, aws_accounts
from portal.integrations.aws_sessions import DEFAULT_REGION, Asking, client_settings, translated_errors

LOCATION_TYPE = "aws-cloud-accounts"
#: The region where there is the API, whatever the organisation's regions are.
REGION = DEFAULT_REGION
SERVICE = "organizations"

ANNOTATION_ACCOUNT_ID = "amazonaws.com/account-id"
ANNOTATION_ARN = "amazonaws.com/arn"
ANNOTATION_ORGANIZATION_ID = "amazonaws.com/organization-id"
ANNOTATION_EMAIL = "amazonaws.com/account-email"
LABEL_STATUS = "amazonaws.com/account-status"

_NOT_IN_NAMES = re.compile(r"[^a-z0-9-]")

Account = dict[str, Any]


class AwsOrganizationCloudAccountProcessor(Processor):
    """Reads a location ``aws-cloud-accounts:<organisation>``: each account of it becomes a Resource."""

    name = "AwsOrganizationCloudAccountProcessor"
    location_types = (LOCATION_TYPE,)

    def __init__(self, account_id: str | None) -> None:
        """Get ready to ask an account for the others, None for the main one."""
        self._account_id = account_id
        self._lock = threading.Lock()
        self._client: Any = None
        self._made_with: AwsAccounts | None = None

    def read_location(self, location: LocationRef, context: ReadContext) -> bool:
        """Emit the organisation's accounts, or why they can't be listed: those that were there stay then."""
        if location.type != LOCATION_TYPE:
            return False
        try:
            entities = [entity_of(account) for account in self._accounts(location)]
        except PortalError as error:
            context.emit.error(error, location)
            return True
        for entity in entities:
            if entity["metadata"]["annotations"][ANNOTATION_ORGANIZATION_ID] == location.target:
                context.emit.entity(entity, location)
        return True

    def _accounts(self, location: LocationRef) -> Iterator[Account]:
        asking = Asking(
            about=f"The organisation {location.target}",
            host=f"{SERVICE}.{REGION}.amazonaws.com",
            key="the section aws",
            advice="Set aws.mainAccount, or accountId in catalog.processors.awsOrganization.provider.",
            has_keys=self._account_id is not None,
        )
        with translated_errors(asking):
            for page in self._paginator().paginate():
                yield from page["Accounts"]

    def _paginator(self) -> Any:
        accounts = aws_accounts()
        with self._lock:
            # The configuration may change while the process works.
            if self._made_with is not accounts:
                session = accounts.session(self._account_id)
                self._client = session.create_client(SERVICE, region_name=REGION, config=client_settings())
                self._made_with = accounts
            return self._client.get_paginator("list_accounts")


def entity_of(account: Account) -> Entity:
    """Return the Resource that an account becomes."""
    _, organization_id, account_id = account["Arn"].rsplit("/", 2)
    name = account.get("Name", "")
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Resource",
        "metadata": {
            "name": _NOT_IN_NAMES.sub("-", name.strip().lower()),
            "namespace": "default",
            "title": name,
            "annotations": {
                ANNOTATION_ACCOUNT_ID: account_id,
                ANNOTATION_ARN: account["Arn"],
                ANNOTATION_ORGANIZATION_ID: organization_id,
                ANNOTATION_EMAIL: account.get("Email", ""),
            },
            "labels": {LABEL_STATUS: account.get("Status", "").lower()},
        },
        "spec": {"type": "cloud-account", "owner": "unknown"},
    }
