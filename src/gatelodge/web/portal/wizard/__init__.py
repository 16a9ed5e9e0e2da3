"""The wizard that adds a registration: a module for each step, and what they have in common."""
