"""Modules that take in the webhooks of certain senders."""
