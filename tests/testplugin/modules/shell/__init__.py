"""A module of the core: its own sidebar, sign-in page and frame around every page."""
