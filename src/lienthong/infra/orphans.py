"""Processes that end with the one that began them, also when it was killed and could not ask them to."""

from __future__ import annotations

import os
import threading
import time

LOOKS_EVERY = 1.0
"""Seconds between two looks at the parent."""


def end_with_parent() -> None:
    """From now on this process ends at once when its parent is gone; call it in the child, after it was begun.

    Otherwise the serving processes of a killed office would go on answering at its address, and hold its database.
    """
    parent = os.getppid()

    def watch() -> None:
        # Asked for and not signalled: the kernel's own signal comes already when the parent's *thread* ends.
        while os.getppid() == parent:
            time.sleep(LOOKS_EVERY)
        os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
