"""The container: canonical ZIP, streamed, and nothing else accepted."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lienthong.base.errors import Refused
from lienthong.packages import container as zipped
from lienthong.packages.container import Container, Content, write_container

FIRST = ("mimetype", b"application/vnd.etsi.asic-e+zip")
PLAIN = [FIRST, ("a.txt", b"alpha"), Content("parts/000", 7, [b"abc", b"", b"defg"]), ("META-INF/z.xml", b"<z/>")]


def pack(contents=PLAIN):
    return b"".join(write_container(contents))


def opened(data):
    return Container(io.BytesIO(data))


def test_what_is_written_is_read_back_and_foreign_programs_read_it_too():
    data = pack()
    box = opened(data)
    assert box.names == ("mimetype", "a.txt", "parts/000", "META-INF/z.xml")
    assert box.read("parts/000", 10) == b"abcdefg"
    with zipfile.ZipFile(io.BytesIO(data)) as foreign:
        assert foreign.testzip() is None
        assert foreign.read("parts/000") == b"abcdefg"
        assert foreign.namelist()[0] == "mimetype"


def test_the_type_stands_where_readers_of_the_format_look():
    data = pack()
    assert data[30:38] == b"mimetype"
    assert data[38:69] == b"application/vnd.etsi.asic-e+zip"


def test_equal_contents_give_equal_bytes():
    assert pack() == pack()


@pytest.mark.parametrize("chunks", [[b"abcdefgh"], [b"abc"], []])
def test_content_of_another_length_than_announced_is_refused(chunks):
    with pytest.raises(Refused, match="PROOF_CONTENT_DAMAGED"):
        pack([FIRST, Content("parts/000", 7, chunks)])


@pytest.mark.parametrize(
    "name", ["../x", "/x", "a//b", "a/../b", "", "a\\b", "ê", "x" * 81, ".x", "a/b/c/d/e", "mimetype"]
)
def test_names_that_lead_astray_are_not_written(name):
    with pytest.raises(ValueError, match="cannot name"):
        pack([FIRST, (name, b"")])


def test_every_flipped_byte_of_the_file_is_noticed():
    data = pack()
    for at in range(len(data)):
        for bit in (1, 0x80):
            changed = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
            with pytest.raises(Refused, match="PROOF_CONTAINER_BROKEN"):
                box = opened(changed)
                for name in box.names:
                    box.read(name, 1000)


def test_every_truncation_and_every_addition_is_noticed():
    data = pack()
    for size in range(len(data)):
        with pytest.raises(Refused, match="PROOF_CONTAINER_BROKEN"):
            opened(data[:size])
    for changed in (data + b"x", b"x" + data, data[:69] + b"x" + data[69:]):
        with pytest.raises(Refused, match="PROOF_CONTAINER_BROKEN"):
            opened(changed)


def forged(names):
    """A container in the canonical form of the writer, but with names that it would not write."""
    body, entries = b"", []
    for name in names:
        data = FIRST[1] if name == "mimetype" else b"x"
        entry = zipped.Entry(name, len(data), zipped.crc32(data), len(body), streamed=False)
        body += zipped._local_header(entry) + data
        entries.append(entry)
    return body + zipped._ending(entries, len(body))


@pytest.mark.parametrize(
    "names", [["mimetype", "a", "a"], ["mimetype", "../a"], ["mimetype", "/a"], ["a", "mimetype"], ["a"], []]
)
def test_forged_names_are_refused_although_the_form_is_canonical(names):
    assert opened(forged(["mimetype", "a"])).read("a", 1) == b"x"
    with pytest.raises(Refused, match="PROOF_CONTAINER_BROKEN"):
        opened(forged(names))


def foreign_zip(rows, compression=zipfile.ZIP_STORED, comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as box:
        for name, data in rows:
            box.writestr(zipfile.ZipInfo(name), data, compress_type=compression)
        box.comment = comment
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        foreign_zip([FIRST, ("a", b"1")]),
        foreign_zip([FIRST, ("../../etc/cron.d/x", b"1")]),
        foreign_zip([FIRST, ("/abs", b"1")]),
        foreign_zip([FIRST, ("bomb", b"\0" * 10_000_000)], zipfile.ZIP_DEFLATED),
        foreign_zip([("a", b"1"), FIRST]),
        foreign_zip([FIRST], comment=b"PK\x05\x06"),
        foreign_zip([]),
        b"",
        b"PK\x05\x06" + b"\0" * 18,
        b"PK\x05\x06" + b"\xff" * 18,
    ],
    ids=["dates", "traversal", "absolute", "bomb", "order", "comment", "empty", "nothing", "bare-end", "wide"],
)
def test_files_of_other_making_are_refused(data):
    with pytest.raises(Refused, match="PROOF_CONTAINER_BROKEN"):
        opened(data)


@settings(max_examples=100)
@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 400))
def test_any_bytes_are_refused_or_read(noise, start, end):
    data = pack()
    with pytest.raises(Refused, match="PROOF_CONTAINER_BROKEN"):
        opened(noise)
    mixed = data[:start] + noise + data[end:]
    if mixed != data:
        with pytest.raises(Refused, match="PROOF_CONTAINER_BROKEN"):
            box = opened(mixed)
            for name in box.names:
                box.read(name, 1000)


def test_entries_and_offsets_beyond_four_gigabytes_use_the_wide_forms(monkeypatch):
    monkeypatch.setattr(zipped, "_LIMIT32", 100)
    wide = [FIRST, ("plain", b"p" * 150), Content("parts/000", 200, [b"s" * 200]), ("last", b"x")]
    data = pack(wide)
    assert opened(data).read("parts/000", 200) == b"s" * 200
    assert opened(data).read("last", 200) == b"x"


class Hole(io.RawIOBase):
    """A file of many gigabytes that holds zeros except where something was written."""

    def __init__(self, size):
        self.size, self.at, self.pieces = size, 0, []

    def put(self, at, data):
        self.pieces.append((at, data))

    def seek(self, at, whence=0):
        self.at = (0, self.at, self.size)[whence] + at
        return self.at

    def read(self, size=-1):
        left = max(0, self.size - self.at)
        size = left if size < 0 else min(size, left)
        out = bytearray(size)
        for at, data in self.pieces:
            low, high = max(at, self.at), min(at + len(data), self.at + size)
            if low < high:
                out[low - self.at : high - self.at] = data[low - at : high - at]
        self.at += size
        return bytes(out)


def test_a_container_of_five_gigabytes_has_the_layout_of_the_standard():
    size = 5 * 1024**3
    big = zipped.Entry("parts/000", size, 0x12345678, 69, streamed=True)
    last = zipped.Entry("last", 1, 0x8CDC1683, big.end, streamed=False)
    first = zipped.Entry("mimetype", 31, zipped.crc32(FIRST[1]), 0, streamed=False)
    ending = zipped._ending([first, big, last], last.end)
    file = Hole(last.end + len(ending))
    file.put(0, zipped._local_header(first) + FIRST[1])
    file.put(big.offset, zipped._local_header(big))
    file.put(big.end - 24, zipped._descriptor(big))
    file.put(last.offset, zipped._local_header(last) + b"x")
    file.put(last.end, ending)
    assert Container(file).entries["parts/000"] == big
    with zipfile.ZipFile(file) as foreign:
        assert [(row.filename, row.file_size, row.header_offset) for row in foreign.infolist()] == [
            ("mimetype", 31, 0),
            ("parts/000", size, 69),
            ("last", 1, big.end),
        ]
        assert foreign.read("last") == b"x"
