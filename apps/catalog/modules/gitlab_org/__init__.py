"""Users and groups of a GitLab (Backstage's ``catalog-backend-module-gitlab-org``).

Installed by one line, ``apps.catalog.modules.gitlab_org`` among the plugins, and configured under
``catalog.providers.gitlab`` with ``orgEnabled: true``; see ``docs/how-to/discover-repositories.md``. Each provider is
called ``GitlabOrgDiscoveryEntityProvider:<id>``.
"""
