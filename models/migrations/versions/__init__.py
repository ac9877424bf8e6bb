"""The revisions, oldest first. Each is frozen once released: what it says does not follow the models."""
