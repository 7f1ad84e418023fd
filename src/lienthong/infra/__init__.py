"""Devices and services underneath: configuration, PostgreSQL, jobs, blobs, keys, telemetry, limits of an edge."""
