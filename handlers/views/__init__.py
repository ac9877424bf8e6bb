"""What a person sees: pure functions, data in, blocks out."""
