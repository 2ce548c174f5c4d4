"""Webhooks of Gerrit."""
