"""A plugin that publishes and subscribes, for the tests of events between processes."""
