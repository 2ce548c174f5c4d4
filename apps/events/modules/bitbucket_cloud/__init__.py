"""Webhooks of Bitbucket Cloud."""
