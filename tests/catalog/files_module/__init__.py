"""A module that lets people register files instead of URLs."""
