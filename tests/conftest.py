"""Fixtures for all tests."""

from hypothesis import settings

# How quick one example is says nothing on a machine that runs other tests beside it; bench/ measures.
settings.register_profile("house", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("house")

pytest_plugins = ["fixtures_pg", "fixtures_axis", "fixtures_office"]
