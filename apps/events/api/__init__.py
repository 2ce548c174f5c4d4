"""The API of the events plugin, wire-compatible with Backstage's."""
