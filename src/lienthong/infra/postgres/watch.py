"""Start the server again when something killed it while the installation runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from lienthong.base.errors import Refused
from lienthong.infra.postgres.account import Say
from lienthong.infra.postgres.cluster import Cluster


@contextmanager
def watched(cluster: Cluster, say: Say, *, seconds: float = 0.5) -> Iterator[None]:
    """Inside the block a thread looks every ``seconds`` whether the server lives and starts it when it does not.

    ``say`` hears of every restart and of every refusal; after a refusal the thread tries again, because disk space
    comes back. Leave the block before :meth:`Cluster.stop`.
    """
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(seconds):
            if cluster.server_pid() is None:
                try:
                    cluster.ensure_running()
                    say(
                        "Cơ sở dữ liệu bị dừng đột ngột và đã được khởi động lại.",
                        "The database had stopped suddenly and was started again.",
                    )
                except Refused as refusal:
                    say(refusal.sentence("vi"), refusal.sentence("en"))

    thread = threading.Thread(target=watch, name="postgres-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
