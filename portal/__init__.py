"""Greenroom's core: everything a plugin stands on, and nothing of any plugin."""

__version__ = "0.1.0"
