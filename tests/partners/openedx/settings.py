"""Settings of a bare Django that carries Open edX's LTI component: what the component asks for, and nothing more."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def settings(address: str, folder: Path) -> dict[str, Any]:
    """For an LMS at this address that keeps its database in this folder."""
    return {
        "SECRET_KEY": "a secret key for tests",
        "ALLOWED_HOSTS": ["127.0.0.1"],
        "ROOT_URLCONF": "urls",
        "USE_TZ": True,
        "INSTALLED_APPS": [
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "rest_framework",
            "django_filters",
            "lti_consumer.apps.LTIConsumerApp",
        ],
        "MIDDLEWARE": [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "edx_django_utils.cache.middleware.RequestCacheMiddleware",
        ],
        "TEMPLATES": [
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
        "DATABASES": {
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "openedx.db"}
        },
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        "DEFAULT_AUTO_FIELD": "django.db.models.AutoField",
        # What Open edX itself would set. Its address without a slash at the end is the issuer.
        "LMS_ROOT_URL": address,
        "LMS_BASE": address.removeprefix("http://"),
        "PLATFORM_NAME": "Northfield edX",
        "USAGE_ID_PATTERN": r"(?P<usage_id>[^/]+)",
        "FEATURES": {},
    }
