"""What ``catalog.import`` in ``app-config.yaml`` says."""

from __future__ import annotations

from portal.config import Key, Section


class CatalogImportConf(Section):
    """What is looked for in repositories, and how a missing file is proposed."""

    prefix = "catalog.import"

    entity_filename = Key.string(
        "entityFilename",
        default="catalog-info.yaml",
        visibility="frontend",
        help="The file that repositories describe themselves in.",
    )
    pull_request_branch = Key.string(
        "pullRequestBranchName",
        default="backstage-integration",
        visibility="frontend",
        help="The branch that pull requests with a new file come from, unless the person names another.",
    )


conf = CatalogImportConf()
