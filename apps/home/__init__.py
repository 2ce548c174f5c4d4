"""The plugin ``home``: a page that people arrange for themselves."""
