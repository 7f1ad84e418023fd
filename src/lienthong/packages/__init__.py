"""Packages that leave the system: the proof file of one document."""
