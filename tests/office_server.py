"""The office's pages over real HTTP in this process, for browsers: a few threads, each with its own connection."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.db import connections

import fixtures_office  # noqa: F401 - configures Django
from lienthong.webkit.site.bodies import application

THREADS = 4


class _Quiet(WSGIRequestHandler):
    timeout = 10
    """Seconds that a connection may be silent: a browser opens some that it never uses, and a cut one sends no more."""

    def log_message(self, *_: Any) -> None:
        pass


class _Pooled(WSGIServer):
    request_queue_size = 64

    def __init__(self, *values: Any) -> None:
        super().__init__(*values)
        self.pool = ThreadPoolExecutor(THREADS)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.pool.submit(self._one, request, client_address)

    def _one(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except OSError:
            pass  # the browser went away
        finally:
            self.shutdown_request(request)

    def end(self) -> None:
        for _ in range(THREADS):
            self.pool.submit(connections.close_all)
        self.pool.shutdown(wait=True)


@contextmanager
def serving() -> Iterator[str]:
    """The address of the running pages."""
    server = make_server("127.0.0.1", 0, application(), server_class=_Pooled, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.end()
        server.server_close()
