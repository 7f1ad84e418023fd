"""The people of the demonstration's office: ``python -m lienthong.roles.demo_office_people CONFIG TASK``.

TASK is a file of JSON with the agencies and their people; the answer, with a secret for each authenticator, goes to
standard output. All of them are invented, and all have the password of the task.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils.module_loading import import_string

from lienthong.infra.config import load
from lienthong.infra.office_config import OfficeConfig
from lienthong.roles.office import opened


def main() -> None:
    """Found everything in one process and one database session."""
    config = load(Path(sys.argv[1]), OfficeConfig)
    task: dict[str, Any] = json.loads(Path(sys.argv[2]).read_bytes())
    with opened(config, lambda vi, en: None):
        # One slow hash for all: they have the same password.
        people = import_string("lienthong.roles.office_verbs.demonstration")(task, make_password(task["password"]))
    sys.stdout.write(json.dumps(people, ensure_ascii=False))


if __name__ == "__main__":
    main()
