"""A module of the plugin for APIs that brings widgets of its own."""
