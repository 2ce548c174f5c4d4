"""Catalog files in the projects of a GitLab (Backstage's ``catalog-backend-module-gitlab``).

Installed by one line, ``apps.catalog.modules.gitlab`` among the plugins, and configured under
``catalog.providers.gitlab``; see ``docs/how-to/discover-repositories.md``. Each provider is called
``GitlabDiscoveryEntityProvider:<id>`` and keeps one Location for each project that has a catalog file.
"""
