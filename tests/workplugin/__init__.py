"""A plugin with background work, for the tests of the worker."""
