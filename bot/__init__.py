"""The program: everything with a socket, a clock or a secret."""
