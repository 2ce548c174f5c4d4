"""Users and groups of Microsoft Entra ID, by Microsoft Graph (Backstage's ``catalog-backend-module-msgraph``).

Installed by one line, ``apps.catalog.modules.msgraph`` among the plugins, and configured under
``catalog.providers.microsoftGraphOrg``; see ``docs/how-to/bring-users-and-groups.md``. Each provider is called
``MicrosoftGraphOrgEntityProvider:<id>`` and keeps a User for each user, a Group for each group, and one for the
organisation above them.
"""
