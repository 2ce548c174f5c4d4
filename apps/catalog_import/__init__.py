"""The plugin ``catalog-import``: registering what exists already."""
