"""What people do in Open edX around the component: an author adds it to a course and saves, a person clicks it.

Everything that an LMS says to a tool is the component's own doing; this decides only who says it and when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid4, uuid5

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from lti_consumer.api import get_lti_1p3_launch_info, get_lti_1p3_launch_start_url
from lti_consumer.data import Lti1p3LaunchData
from lti_consumer.models import Lti1p3Passport, LtiConfiguration
from lti_consumer.utils import get_lti_api_base
from opaque_keys.edx.keys import UsageKey

COURSE = "course-v1:Northfield+BIO101+2026"
BLOCKS = "block-v1:Northfield+BIO101+2026+type@lti_consumer+block@"


@dataclass(frozen=True)
class Person:
    """``role`` is Open edX's word for the role in the course."""

    number: int
    name: str
    role: str


PEOPLE = {
    "mia": Person(3, "Mia Learner", "student"),
    "ben": Person(4, "Ben Educator", "staff"),
    "ada": Person(5, "Ada Administrator", "instructor"),
    "otto": Person(6, "Otto Operator", "global_staff"),
}


@csrf_exempt
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """A component with the tool's addresses; the answer is what Studio then shows, and what an author knows."""
    component = LtiConfiguration.objects.create(
        version=LtiConfiguration.LTI_1P3,
        config_store=LtiConfiguration.CONFIG_ON_DB,
        location=UsageKey.from_string(BLOCKS + uuid4().hex),
        lti_1p3_passport=Lti1p3Passport.objects.create(),
        lti_1p3_oidc_url=request.POST["login_url"],
        lti_1p3_launch_url=request.POST["launch_url"],
        lti_1p3_redirect_uris=request.POST.getlist("redirect_uri"),
        lti_advantage_ags_mode=LtiConfiguration.LTI_ADVANTAGE_AGS_PROGRAMMATIC,
        lti_advantage_enable_nrps=True,
        lti_advantage_deep_linking_enabled=True,
        lti_advantage_deep_linking_launch_url=request.POST["launch_url"],
    )
    known = {"issuer": get_lti_api_base(), "course": COURSE, "link": str(component.location)}
    shown = get_lti_1p3_launch_info(launch_data(component, "ben"))
    return JsonResponse({"id": component.config_id, **known, **shown})


@require_GET
def click(request: HttpRequest, component: UUID, person: str) -> HttpResponse:
    """Off to the tool's login; with ``?choose`` in order to choose content."""
    clicked = get_object_or_404(LtiConfiguration, config_id=component)
    address = get_lti_1p3_launch_start_url(
        launch_data(clicked, person), deep_link_launch="choose" in request.GET
    )
    return HttpResponseRedirect(address)


@csrf_exempt
@require_POST
def renew_key(_: HttpRequest, component: UUID) -> HttpResponse:
    """Another key, made and published by the component itself."""
    passport = _passport(component)
    passport.lti_1p3_internal_private_key = ""
    passport.save()
    return JsonResponse(passport.lti_1p3_public_jwk)


@csrf_exempt
@require_POST
def borrow_key(_: HttpRequest, component: UUID, lender: UUID, name: str) -> HttpResponse:
    """Sign with another component's key, but publish what was published; its id is its own or the published one."""
    passport, other = _passport(component), _passport(lender)
    [published] = passport.lti_1p3_public_jwk["keys"]
    passport.lti_1p3_internal_private_key = other.lti_1p3_private_key
    passport.lti_1p3_internal_private_key_id = {
        "own": other.lti_1p3_private_key_id,
        "published": published["kid"],
    }[name]
    passport.save()
    return HttpResponse()


def _passport(component: UUID) -> Lti1p3Passport:
    return get_object_or_404(LtiConfiguration, config_id=component).lti_1p3_passport


def launch_data(component: LtiConfiguration, person: str) -> Any:
    """What Open edX hands to its component when this person clicks."""
    who = PEOPLE[person]
    return Lti1p3LaunchData(
        user_id=who.number,
        external_user_id=str(uuid5(NAMESPACE_DNS, person)),
        user_role=who.role,
        name=who.name,
        email=f"{person}@northfield.example",
        preferred_username=person,
        config_id=component.config_id,
        resource_link_id=str(component.location),
        context_id=COURSE,
        context_type=["course_offering"],
        context_title="Biology 101 - Northfield",
        context_label=COURSE,
        launch_presentation_document_target="iframe",
        custom_parameters={"chapter": "3"},
    )
