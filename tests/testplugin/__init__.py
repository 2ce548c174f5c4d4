"""A small plugin with every kind of extension that the tests need; installed by the fixture ``testplugin``."""
