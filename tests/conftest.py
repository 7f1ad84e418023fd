"""Fixtures for all tests."""

pytest_plugins = ["fixtures_pg", "fixtures_axis", "fixtures_office"]
