"""Explains and checks proofs and packages offline: no network, no database, no clock."""
