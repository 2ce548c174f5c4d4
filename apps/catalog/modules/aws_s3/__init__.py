"""The objects in a bucket as catalog files (Backstage's ``catalog-backend-module-aws``, its S3 provider).

Installed by one line, ``apps.catalog.modules.aws_s3`` among the plugins, and configured under
``catalog.providers.awsS3``; see ``docs/how-to/discover-repositories.md``. Each provider is called
``awsS3-provider:<id>`` and keeps one Location for each object.
"""
