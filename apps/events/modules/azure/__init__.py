"""Webhooks of Azure DevOps."""
