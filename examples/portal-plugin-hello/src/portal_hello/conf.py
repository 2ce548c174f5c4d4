"""What ``hello`` in ``app-config.yaml`` says."""

from __future__ import annotations

from portal.config import Key, Section


class HelloConf(Section):
    """The plugin Hello."""

    prefix = "hello"

    notes_shown = Key.integer("notesShown", default=5, help="How many notes a card shows.")


conf = HelloConf()
