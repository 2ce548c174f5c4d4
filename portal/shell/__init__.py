"""The shell: what surrounds every page. It is made of extensions, like all the rest, and they belong to plugin
``app``.
"""
