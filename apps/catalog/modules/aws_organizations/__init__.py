"""The accounts of AWS organisations as Resources (Backstage's ``AwsOrganizationCloudAccountProcessor``).

Installed by one line, ``apps.catalog.modules.aws_organizations`` among the plugins. It reads locations of the type
``aws-cloud-accounts``, whose target is the organisation's id; see ``docs/how-to/discover-repositories.md``.
"""
