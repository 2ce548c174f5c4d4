"""Webhooks of Gitea."""
