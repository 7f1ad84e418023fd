"""Web push as its standards say it, without any I/O: a message that only one browser can open (RFC 8188, RFC 8291), and
the proof of who sends it (RFC 8292)."""
