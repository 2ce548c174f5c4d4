"""Catalog files in the repositories of an organisation (Backstage's ``catalog-backend-module-gitea``).

Installed by one line, ``apps.catalog.modules.gitea`` among the plugins, and configured under
``catalog.providers.gitea``; see ``docs/how-to/discover-repositories.md``. Each provider is called
``gitea-provider:<id>`` and keeps one Location for each repository that has a catalog file.
"""
