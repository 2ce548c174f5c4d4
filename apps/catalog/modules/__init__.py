"""Modules that bring entities from elsewhere. Each is an app of its own, to be installed by whoever needs it."""
