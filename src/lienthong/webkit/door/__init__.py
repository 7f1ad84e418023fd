"""The door of a web context: who comes, what he may, how pages are rendered and failures shown."""
