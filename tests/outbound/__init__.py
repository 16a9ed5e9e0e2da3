"""The way out, against real servers that behave badly and names that lead inward."""
