"""One module for each step of the axis's schema, in order of their numbers."""
