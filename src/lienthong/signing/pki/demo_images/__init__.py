"""Two invented pictures for trying signatures: a handwriting (blue) and a seal (red), drawn by the project."""
