"""Users and groups of an LDAP directory (Backstage's ``catalog-backend-module-ldap``).

Installed by one line, ``apps.catalog.modules.ldap`` among the plugins, and configured under
``catalog.providers.ldapOrg``; see ``docs/how-to/bring-users-and-groups.md``. Each provider is called
``LdapOrgEntityProvider:<id>`` and keeps a User for each person and a Group for each group.
"""
