"""When Python looks for cycles of objects that nobody needs: rarely, since the portal makes few."""

from __future__ import annotations

import gc

#: After how many new objects the youngest are looked at, and how many such looks lead to one at the older ones. By
#: Python's own 700, 10 and 10, reading ten thousand entities is interrupted so often that it takes a sixth longer.
THRESHOLDS = (100_000, 50, 100)


def relax_garbage_collection() -> None:
    """Leave alone what is loaded by now, which stays, and look less often at what comes later.

    Called once, at the end of a start. A full collection would hold a request up for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
