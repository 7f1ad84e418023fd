"""The runnable roles: each reads its configuration, builds its parts by hand and runs."""
