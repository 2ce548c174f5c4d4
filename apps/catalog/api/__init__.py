"""The catalog's API, wire-compatible with Backstage's."""
