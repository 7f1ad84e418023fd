"""The verifying half of ``bench signatures``: one document, four signatures, thousands of documents, one that is huge.

The inputs are signed by pyHanko's own signer with keys of the local authority. Also runs alone:
``python bench/_signatures_verify.py --json [--documents 10000] [--large 300]``.
"""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parent))

from common import options, report, say
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from reportlab.pdfgen.canvas import Canvas

from lienthong.trust.pdf.validate import validate_pdf
from lienthong.trust.verdict import Verdict
from signing_world import World, cert_pem, plan_fields

BOXES = {
    "SoNgay": (60, 750, 300, 780),
    "NguoiKy02": (300, 300, 420, 360),
    "NguoiKy01": (300, 100, 420, 160),
    "CoQuan": (270, 90, 340, 170),
}


def measure(documents: int = 10_000, large_mb: int = 300) -> dict[str, Any]:
    """The figures. CPU in milliseconds, medians; memory in megabytes; rates per second over the wall clock."""
    world = World.make()
    base = a_document(250)
    one = world.sign_pdf(plan_fields(base, {"NguoiKy01": BOXES["NguoiKy01"]}), world.person, "NguoiKy01")
    four = plan_fields(base, BOXES)
    for name, holder in (("NguoiKy02", world.person), ("NguoiKy01", world.person)):
        four = world.sign_pdf(four, holder, name)
    for name in ("SoNgay", "CoQuan"):
        four = world.sign_pdf(four, world.agency, name)
    say("one document, four signatures")
    figures = {"one_signature": cpu(world, one), "four_signatures": cpu(world, four), **ceiling(world)}
    with tempfile.TemporaryDirectory() as folder:
        stores = write_store(world, Path(folder))
        say(f"{documents} documents")
        figures["many"] = many(Path(folder), stores, one, documents)
        say(f"{large_mb} MB")
        figures["large"] = large(world, Path(folder), stores, large_mb)
    return figures


def a_document(kilobytes: int) -> bytes:
    """Three pages of text with a picture's worth of bytes that do not compress."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for page in range(3):
        for line in range(45):
            canvas.drawString(72, 770 - line * 15, f"Cong van so 15, trang {page + 1}, dong {line + 1}")
        canvas.showPage()
    canvas.save()
    return with_pictures(out.getvalue(), 1, kilobytes * 1024 - out.tell())


def with_pictures(pdf: bytes, count: int, size: int) -> bytes:
    """The document with images on its first page, in an update of its own."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.generic import DictionaryObject, NumberObject, pdf_name
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    ref = writer.find_page_for_modification(0)[0]
    page = ref.get_object()
    held = DictionaryObject()
    for number in range(count):
        picture = {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Image"),
            pdf_name("/Width"): NumberObject(100),
            pdf_name("/Height"): NumberObject(100),
            pdf_name("/ColorSpace"): pdf_name("/DeviceRGB"),
            pdf_name("/BitsPerComponent"): NumberObject(8),
            pdf_name("/Filter"): pdf_name("/DCTDecode"),
        }
        data = generic.StreamObject(picture, encoded_data=os.urandom(size))
        held[pdf_name(f"/Im{number}")] = writer.add_object(data)
    page["/Resources"][pdf_name("/XObject")] = held
    writer.update_container(page["/Resources"])
    writer.mark_update(ref)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def cpu(world: World, pdf: bytes, times: int = 25) -> dict[str, float]:
    """CPU of one verification, with path, revocation and difference analysis."""
    context = world.context()

    def run() -> None:
        found = validate_pdf(io.BytesIO(pdf), context)
        if found.verdict is not Verdict.PASSED:
            raise SystemExit(f"not PASSED: {[check.en for check in found.troubles]}")

    run()
    return {"cpu_ms": _median(run, times), "bytes": len(pdf)}


def ceiling(world: World) -> dict[str, float]:
    """What the bare mathematics cost in this run: one RSA-2048 verification, and SHA-256 of 250 KB."""
    key, data = world.person.key, os.urandom(250 * 1024)
    signature = key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    public = key.public_key()
    bare = _median(lambda: public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256()), 101)
    return {"rsa_verify_and_digest_ms": bare}


def _median(run: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        start = time.process_time()
        run()
        taken.append((time.process_time() - start) * 1000)
    return round(statistics.median(taken), 3)


def write_store(world: World, folder: Path) -> Path:
    place = folder / "trust" / "test"
    place.mkdir(parents=True)
    (place / "root.pem").write_bytes(cert_pem(world.root.certificate))
    (place / "ca.pem").write_bytes(cert_pem(world.issuing.certificate))
    (place / "ca.crl").write_bytes(world.crl())
    (place / "root.crl").write_bytes(world.root_crl())
    return folder / "trust"


def many(folder: Path, stores: Path, pdf: bytes, count: int) -> dict[str, Any]:
    """As many copies as asked, by the command line over all cores; peak memory after a tenth and at the end."""
    place = folder / "many"
    place.mkdir()
    (place / "0.pdf").write_bytes(pdf)
    for number in range(1, count):
        os.link(place / "0.pdf", place / f"{number}.pdf")
    tenth, whole = [run_cli(stores, sorted(place.iterdir())[:part]) for part in (max(count // 10, 16), count)]
    return {
        "documents": count,
        "signatures_each": 1,
        "per_second": round(count / whole["seconds"], 1),
        "peak_mb_of_a_tenth": tenth["peak_mb"],
        "peak_mb": whole["peak_mb"],
    }


def large(world: World, folder: Path, stores: Path, megabytes: int) -> dict[str, float]:
    """A scanned document: many pictures; a person's and an agency's signature."""
    pdf = with_pictures(a_document(50), megabytes // 2, 2 * 1024 * 1024)
    pdf = world.sign_pdf(pdf, world.person, "NguoiKy01", box=BOXES["NguoiKy01"])
    path = folder / "large.pdf"
    path.write_bytes(world.sign_pdf(pdf, world.agency, "CoQuan", box=BOXES["SoNgay"]))
    return {"mb": round(path.stat().st_size / 1e6, 1), **run_cli(stores, [path])}


def run_cli(stores: Path, paths: list[Path]) -> dict[str, float]:
    """``lienthong verify`` in a process of its own: seconds, and the peak memory of its largest process."""
    program = (
        "import resource, sys\n"
        "from lienthong.roles.cli import app\n"
        "code = 0\n"
        "if __name__ == '__main__':\n"
        "    try:\n"
        "        app(sys.argv[1:])\n"
        "    except SystemExit as left:\n"
        "        code = left.code or 0\n"
        "    lines = open('/proc/self/status').read().splitlines()\n"
        "    own = next(int(line.split()[1]) for line in lines if line.startswith('VmHWM'))\n"
        "    own = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        "    print('PEAK', own, file=sys.stderr)\n"
        "    sys.exit(code)\n"
    )
    script = stores.parent / "run.py"
    script.write_text(program)
    listed = [str(path) for path in paths]
    start = time.perf_counter()
    command = [sys.executable, str(script), "verify", "--trust-store", str(stores), *listed]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    peak = int(done.stderr.rsplit("PEAK", 1)[1])
    return {"seconds": round(seconds, 2), "peak_mb": round(peak / 1024, 1)}


def main() -> None:
    asked = options(__doc__)
    asked.add_argument("--documents", type=int, default=10_000)
    asked.add_argument("--large", type=int, default=300)
    given = asked.parse_args()
    report("signatures_verify", measure(given.documents, given.large), given.json)


if __name__ == "__main__":
    main()
