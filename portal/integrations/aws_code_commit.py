"""AWS CodeCommit."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from portal.config import Config
from portal.integrations.aws import AwsIntegration
from portal.integrations.aws_sessions import DEFAULT_REGION
from portal.integrations.base import PathIntegration
from portal.integrations.urls import host_of, split_url


class AwsCodeCommitIntegration(AwsIntegration, PathIntegration):
    """``integrations.awsCodeCommit[]``: an AWS service's credentials. URLs are those of AWS's console."""

    type = "awsCodeCommit"
    product = "AWS CodeCommit"
    public_host = "console.aws.amazon.com"
    service = "codecommit"
    pattern = re.compile(
        r"(?P<before>/codesuite/codecommit/repositories/(?P<repo>[^/]+))"
        r"(?:/browse(?:(?:/(?P<ref>.+?))?/--(?:/(?P<path>.*))?)?)?/?"
    )
    shape = "/codesuite/codecommit/repositories/<repository>/browse/refs/heads/<branch>/--/<path>"

    def read_host(self, entry: Config) -> str:
        """Return the one host that there is; the region stands before it."""
        return self.public_host

    def serves(self, url: str) -> bool:
        """Tell whether a URL is on the console, be it that of a region, and in CodeCommit."""
        return f".{host_of(url)}".endswith(f".{self.host}") and split_url(url).path.startswith("/codesuite/codecommit/")

    def region_of(self, url: str) -> str:
        """Return the region of a URL, which its host or its query names."""
        region = host_of(url).removesuffix(self.host).rstrip(".")
        return region or parse_qs(split_url(url).query).get("region", [DEFAULT_REGION])[0]

    def resolve_edit_url(self, url: str) -> str:
        """Return the file's page for editing."""
        return url.replace("/browse/", "/files/edit/", 1)
