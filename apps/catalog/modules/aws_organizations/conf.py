"""What the module's section of ``app-config.yaml`` says."""

from __future__ import annotations

import re

from portal.config import Key, Section
from portal.integrations.aws_accounts import read_account_id

_ROLE = re.compile(r"arn:[\w-]+:iam::(?P<account>\d{12}):role/.+")


class AwsOrganizationConf(Section):
    """The accounts of AWS organisations, with the module `apps.catalog.modules.aws_organizations`."""

    prefix = "catalog.processors.awsOrganization.provider"

    account_id = Key.string(
        "accountId",
        default=None,
        help="The account that may list the others, the organisation's management account or one that acts for it: its "
        "number in quotation marks. `aws` says how to get at it; without one its main account is asked.",
    )
    role_arn = Key.string(
        "roleArn",
        default=None,
        help="In place of `accountId`, any role of that account: its number counts.",
    )


conf = AwsOrganizationConf()


def configured_account() -> str | None:
    """Return the number of the account to ask, None for the main one. Raises ``ConfigError``."""
    section = conf.config.child(conf.prefix)
    if section.has("accountId"):
        return read_account_id(section, "accountId")
    if conf.role_arn is None:
        return None
    match = _ROLE.fullmatch(conf.role_arn)
    if match is None:
        raise section.error("roleArn", "must be a role's name in full, arn:aws:iam::<account>:role/<name>.")
    return match["account"]
