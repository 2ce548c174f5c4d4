"""Very large sources, read in bursts (Backstage's ``catalog-backend-module-incremental-ingestion``).

Installed by one line, ``apps.catalog.modules.incremental`` among the plugins. It brings nothing by itself: other
modules add their providers to its extension point.
"""
