"""A plugin of somebody else's that adds to the catalog's pages; it knows nothing of the catalog's code."""
