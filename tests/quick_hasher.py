"""Passwords of the tests' people, hashed as in production but with hardly any work: every test signs somebody in.

What the product asks of the work is tested in ``tests/unit/webkit/test_webkit_passwords.py``.
"""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickHasher(Argon2PasswordHasher):
    """The same algorithm and the same form, with the least of time and memory that it knows."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
