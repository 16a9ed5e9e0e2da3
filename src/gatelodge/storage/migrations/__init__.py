"""The steps from one schema to the next; `gatelodge.storage.schema` runs them.

A step is safe while the version before still runs: it adds, and what is no longer used goes one
version later. It never imports `tables`, which moves on.
"""
