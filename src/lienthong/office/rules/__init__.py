"""Decisions of the office as pure functions over facts: no database, no clock."""
