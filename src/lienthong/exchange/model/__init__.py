"""Facts and rules of the exchange, pure."""
