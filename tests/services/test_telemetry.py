"""What is counted, and that no request can make new series."""

from __future__ import annotations

from gatelodge.lti.errors import all_refusals
from gatelodge.services.telemetry import Telemetry


def lines(telemetry: Telemetry) -> list[str]:
    return telemetry.page().decode().splitlines()


def test_before_anything_happened_the_good_outcomes_are_there_to_be_watched() -> None:
    page = lines(Telemetry())

    assert 'gatelodge_launches_total{code="",outcome="accepted"} 0.0' in page
    assert 'gatelodge_logins_total{code="",outcome="begun"} 0.0' in page


def test_launches_are_timed_whether_they_were_admitted_or_refused() -> None:
    telemetry = Telemetry()
    telemetry.launch_accepted(0.002)
    telemetry.launch_refused("launch.expired", 0.2)

    page = lines(telemetry)
    assert "gatelodge_launch_seconds_count 2.0" in page
    assert 'gatelodge_launch_seconds_bucket{le="0.0025"} 1.0' in page
    assert 'gatelodge_launch_seconds_bucket{le="0.25"} 2.0' in page


def test_each_code_is_a_series_and_no_code_holds_what_was_sent() -> None:
    telemetry = Telemetry()
    codes = [kind.code for kind in all_refusals()]
    for code in codes:
        telemetry.launch_refused(code, 0.1)

    for code in codes:
        assert f'gatelodge_launches_total{{code="{code}",outcome="refused"}} 1.0' in lines(
            telemetry
        )


def test_two_gateways_in_one_process_count_apart() -> None:
    one, other = Telemetry(), Telemetry()
    one.login_begun()

    assert 'gatelodge_logins_total{code="",outcome="begun"} 1.0' in lines(one)
    assert 'gatelodge_logins_total{code="",outcome="begun"} 0.0' in lines(other)
