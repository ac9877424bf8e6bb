"""What a person can do: the route table, and the handlers behind it."""
