"""The HTTP edge of the axis: parses, calls one service verb, renders."""
