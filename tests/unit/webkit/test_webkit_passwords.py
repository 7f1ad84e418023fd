"""How passwords are kept by the product; the tests' own people have quicker hashes (``quick_hasher``)."""

from __future__ import annotations

from argon2 import Type
from django.utils.module_loading import import_string

import fixtures_office  # noqa: F401 - configures Django
from lienthong.webkit.site.configure import members, site


def test_passwords_are_kept_by_argon2id_with_at_least_the_work_that_owasp_asks_for() -> None:
    (name,) = members(site())["PASSWORD_HASHERS"]
    work = import_string(name)().params()
    assert work.type is Type.ID
    assert work.time_cost >= 2
    assert work.memory_cost >= 19 * 1024
