"""Webhooks of GitLab."""
