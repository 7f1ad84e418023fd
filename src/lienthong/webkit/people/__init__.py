"""Agencies, units, people, positions, delegation, and how people sign in."""
