"""The component's own addresses, where Open edX has them, and ours beside them."""

from __future__ import annotations

import author
from django.urls import include, path

urlpatterns = [
    path("api/", include("lti_consumer.plugin.urls")),
    path("author/components", author.add),
    path("author/components/<uuid:component>/renew-key", author.renew_key),
    path("author/components/<uuid:component>/borrow-key/<uuid:lender>/<name>", author.borrow_key),
    path("course/<uuid:component>/<person>", author.click),
]
