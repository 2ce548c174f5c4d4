"""Catalog files in the repositories of a workspace (Backstage's ``catalog-backend-module-bitbucket-cloud``).

Installed by one line, ``apps.catalog.modules.bitbucket_cloud`` among the plugins, and configured under
``catalog.providers.bitbucketCloud``; see ``docs/how-to/discover-repositories.md``. Each provider is called
``bitbucketCloud-provider:<id>`` and keeps one Location for each file that Bitbucket's code search finds.
"""
