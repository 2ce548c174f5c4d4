"""Following what happens in repositories (Backstage's SCM events, ``catalog.scmEvents``).

Installed by one line, ``apps.catalog.modules.scm_events`` among the plugins, and told by ``catalog.scmEvents`` what to
do: read files again that have changed, unregister the locations of those that are gone, and follow those that have
moved. See ``docs/how-to/discover-repositories.md``.
"""
