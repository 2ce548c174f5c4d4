"""Catalog files in the projects of a Gerrit (Backstage's ``catalog-backend-module-gerrit``).

Installed by one line, ``apps.catalog.modules.gerrit`` among the plugins, and configured under
``catalog.providers.gerrit``; see ``docs/how-to/discover-repositories.md``. Each provider is called
``gerrit-provider:<id>`` and keeps one Location for each project that its query finds.
"""
