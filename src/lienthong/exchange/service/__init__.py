"""The verbs of the exchange; each owns its transaction."""
