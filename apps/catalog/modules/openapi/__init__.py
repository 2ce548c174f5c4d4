"""API definitions in several files (Backstage's ``catalog-backend-module-openapi``).

Installed by one line, ``apps.catalog.modules.openapi`` among the plugins; there is nothing to configure. It makes
``$openapi`` and ``$asyncapi`` mean: read this file, and put what its ``$ref`` lead to into it. See
``docs/how-to/describe-an-api.md``.
"""
