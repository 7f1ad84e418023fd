"""Run a function in a child process, as another user when the tests run as root."""

from __future__ import annotations

import multiprocessing
import os
import pwd
import traceback
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

STRANGER = "nobody"
"""An account that every system has and that owns nothing."""


def start(function: Callable[[Connection], Any], user: str | None = None) -> tuple[Any, Connection]:
    """Start ``function(connection)`` in a fork; (process, our end of the pipe). Its result is sent at the end.

    A fork, because another user may not be able to read the Python that runs the tests.
    """
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_child, args=(function, theirs, user), daemon=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    theirs.close()
    return process, ours


def run(function: Callable[[], Any], user: str | None = None) -> Any:
    """The result of ``function()`` in a child process; its exception is an AssertionError with the trace."""
    process, ours = start(lambda connection: function(), user)
    assert ours.poll(120), "the child process did not answer"
    outcome, value = ours.recv()
    process.join(10)
    assert outcome == "result", value
    return value


def _child(function: Callable[[Connection], Any], connection: Connection, user: str | None) -> None:
    try:
        if user is not None:
            entry = pwd.getpwnam(user)
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
            os.chdir("/")
        connection.send(("result", function(connection)))
    except BaseException:
        connection.send(("error", traceback.format_exc()))
