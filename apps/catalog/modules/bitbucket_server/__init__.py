"""Catalog files in a Bitbucket Server's repositories (Backstage's ``catalog-backend-module-bitbucket-server``).

Installed by one line, ``apps.catalog.modules.bitbucket_server`` among the plugins, and configured under
``catalog.providers.bitbucketServer``; see ``docs/how-to/discover-repositories.md``. Each provider is called
``bitbucketServer-provider:<id>`` and keeps one Location for each repository that its filters let through.
"""
