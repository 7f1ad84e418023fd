"""Signing in: password and second factor, sessions, and what is refused to whoever guesses."""
