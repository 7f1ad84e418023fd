"""Reading a document's pages and proposing the fields of its registration; a person always confirms."""
