"""Gatelodge: a self-hosted LTI 1.3 registration portal and launch gateway, for any LMS and any number of tools."""

__version__ = "0.1.0"
