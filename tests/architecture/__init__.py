"""Tests that read the source itself: floors that import-linter cannot see, documents, names."""
