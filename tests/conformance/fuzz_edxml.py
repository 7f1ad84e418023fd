"""Coverage-guided fuzzing of the edXML readers with atheris, by hand.

Usage: ``PYTHONPATH=src python tests/conformance/fuzz_edxml.py vectors/edxml/corpus -max_total_time=300``.
New inputs that reach new code are kept in the corpus folder; commit those that found something.
"""

from __future__ import annotations

import contextlib
import sys

import atheris

with atheris.instrument_imports(include=["lienthong"]):
    from lienthong.base.errors import Refused
    from lienthong.edxml.reader import read_header
    from lienthong.edxml.stream import PacketStream
    from lienthong.edxml.unwrap import unwrap


class _Sink:
    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...


def one_input(data: bytes) -> None:
    """Whatever the bytes are: a reading or a refusal, and the same one for any pieces."""
    try:
        read_header(data)
    except Refused as refusal:
        refusal.sentence("vi")
    verdicts = []
    for step in (len(data) or 1, 13):
        stream = PacketStream(lambda ordinal: _Sink())
        try:
            for at in range(0, len(data), step):
                stream.feed(data[at : at + step])
            verdicts.append(stream.close().reading)
        except Refused as refusal:
            verdicts.append(refusal.code.name)
    if verdicts[0] != verdicts[1]:
        raise AssertionError(f"pieces change the verdict: {verdicts}")
    with contextlib.suppress(Refused):
        unwrap([data], _Sink())


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
