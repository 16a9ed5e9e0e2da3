"""The one guarded way out: everything that a tenant or a platform can name is fetched from here.

What is fetched, when, and what it means is decided above; here are only addresses, time and size.
"""
