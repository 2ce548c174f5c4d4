"""``/api/devtools/``."""
