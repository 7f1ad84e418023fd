"""The audit log (nhật ký) of a web context: append-only, chained by hashes, with a screen of its own."""
