"""Kinds for what programs with artificial intelligence use: AI resources, and the MCP servers among the APIs.

Installed by one line, ``apps.catalog.modules.ai_model`` among the plugins; there is nothing to configure. The kind has
to be allowed by ``catalog.rules``.
"""
