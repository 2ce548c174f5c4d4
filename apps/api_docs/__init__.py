"""The APIs of the catalog: a list of them, and viewers for their definitions."""
