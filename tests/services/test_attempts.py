"""What is known of a login or a launch when it stops, at whatever line that is."""

from __future__ import annotations

from msgspec.structs import replace

from gatelodge.lti.errors import NonceSpent, SubjectMissing
from gatelodge.services.attempts import Attempt, Refused
from tests.services.house import House


def test_who_knew_nothing_can_still_be_told_something() -> None:
    refused = Refused(NonceSpent(), Attempt(), "7F3K-4MB9")

    assert refused.trace_id == "7F3K-4MB9"
    assert (refused.tool_name, refused.platform) == (None, None)


def test_the_registration_says_more_surely_whose_it_is_than_the_client(house: House) -> None:
    view = house.register(shared=True)
    attempt = Attempt()

    attempt.found_client(view.overview.client)
    assert attempt.tenant_id is None
    attempt.found_registration(view.overview.registration)
    assert attempt.tenant_id == house.northfield.id


def test_judged_by_another_client_it_belongs_to_nobody_elses_registration(house: House) -> None:
    view = house.register()
    attempt = Attempt()
    attempt.found_client(view.overview.client)
    attempt.found_registration(view.overview.registration)

    attempt.found_client(replace(view.overview.client, tenant_id=house.southbank.id))

    assert attempt.registration is None
    assert attempt.tenant_id == house.southbank.id


def test_its_trace_tells_the_microseconds_since_it_came() -> None:
    times = iter([100_000_000, 101_500_000, 350_000_000])
    attempt = Attempt(lambda: next(times))
    attempt.trace.passed("token.issuer")

    steps = attempt.trace.written(failed=SubjectMissing.code).splitlines()

    assert [step.split()[:2] for step in steps] == [
        ["token.issuer", "1500"],
        ["!launch.subject_missing", "250000"],
    ]
