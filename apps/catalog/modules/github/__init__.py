"""Catalog files in the repositories of a GitHub account (Backstage's ``catalog-backend-module-github``).

Installed by one line, ``apps.catalog.modules.github`` among the plugins, and configured under
``catalog.providers.github``; see ``docs/how-to/discover-repositories.md``. Each provider is called
``github-provider:<id>`` and keeps one Location for each repository that its filters let through.
"""
