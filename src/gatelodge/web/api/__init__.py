"""The addresses that tools call."""
