"""Webhooks of GitHub."""
