"""Webhooks of Bitbucket Server."""
