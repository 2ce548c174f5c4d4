"""The plugins that come with Greenroom; each imports ``portal`` and itself only."""
