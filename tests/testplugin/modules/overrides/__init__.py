"""A module that replaces an extension of its plugin and brings one of its own."""
