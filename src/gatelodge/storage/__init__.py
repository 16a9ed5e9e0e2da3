"""The database: tables, one module of functions per noun, and the write of a launch.

Functions take a SQLAlchemy connection first and run inside `Database.read` or `Database.write`;
every function that reaches a tenant's rows takes ``tenant_id``, where None is the operator's view.
What a value means, who may change it and how it is sealed is not known here.
"""
