"""The rules of LTI 1.3, seen from the tool's side, with no I/O.

Values go in, values come out. No clock, no randomness, no network, no files:
keys, registrations and the time arrive as arguments.
"""
