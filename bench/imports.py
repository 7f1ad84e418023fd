"""Taking over the register of an older system: the trial, the import, and that every row is a document with its number.

``./dev bench imports --rows 50000 --json``
"""

from __future__ import annotations

import importlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any

from bench import common
from bench._run import Failed
from bench.office import office

MOST_SECONDS = 300
"""For 50,000 rows; others in proportion."""


def main() -> None:
    parser = common.options(__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    given = parser.parse_args()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    place = Path(tempfile.gettempdir()) / f"lienthong-imports-{secrets.token_hex(4)}"
    figures: dict[str, Any] = {"machine": common.machine()}
    try:
        with office(place):
            figures["ceilings"] = common.ceilings(place)
            # Tables can be imported only now that Django is set up.
            register = importlib.import_module("bench._older_register")
            figures["import"] = register.take_over(given.rows)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    made = figures["import"]
    if made["documents"] != given.rows or made["numbers"] < given.rows:
        raise Failed(f"{given.rows} rows became {made['documents']} documents and {made['numbers']} numbers")
    figures["limits_kept"] = made["trial_s"] + made["import_s"] <= MOST_SECONDS * given.rows / 50_000
    common.report("imports", figures, given.json)
    if not figures["limits_kept"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
