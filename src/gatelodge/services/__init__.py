"""What the product does, one function per use: gathers facts, asks `lti` to decide, records.

HTTP, SQL and the environment are not known here.
"""
