"""Users and teams of GitHub organisations (Backstage's ``catalog-backend-module-github-org``).

Installed by one line, ``apps.catalog.modules.github_org`` among the plugins, and configured under
``catalog.providers.githubOrg``; see ``docs/how-to/discover-repositories.md``. Each provider is called
``GithubMultiOrgEntityProvider:<id>`` and keeps a User for each member and a Group for each team.
"""
