"""Fixtures for all tests."""

pytest_plugins = ["fixtures_pg"]
