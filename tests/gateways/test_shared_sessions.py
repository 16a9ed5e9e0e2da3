"""Replicas know the same people: whoever signs in at one is signed in at all, and out at all."""

from __future__ import annotations

import httpx2
import pytest

from gatelodge.services.caller import Caller, Role
from gatelodge.services.errors import InvitationDead, TooManySignIns
from gatelodge.services.sign_in_limits import PER_EMAIL
from tests.support.gateways import BASE, OTTO, Campus
from tests.support.people import SESSION_COOKIE, add_person, csrf_of, sign_in
from tests.support.processes import command, environment, serving


def test_a_session_of_one_gateway_is_good_at_another(campus_on_both: Campus) -> None:
    with campus_on_both.beside() as other:
        token = sign_in(campus_on_both, "Ada")[SESSION_COOKIE]

        there = other.gateway.sessions.find(token)

        assert there
        assert there == campus_on_both.gateway.sessions.find(token)


def test_what_is_taken_away_at_one_gateway_is_gone_at_another(campus_on_both: Campus) -> None:
    here = campus_on_both.gateway
    leaving, disabled, lowered, suspended = (
        add_person(campus_on_both, name) for name in ("Ada", "Ben", "Ada", "Cleo")
    )
    tokens = [here.sessions.begin(each) for each in (leaving, disabled, lowered, suspended)]
    with campus_on_both.beside() as other:
        assert all(map(other.gateway.sessions.find, tokens))

        here.sessions.end(tokens[0])
        here.accounts.disable(OTTO, disabled)
        here.accounts.set_roles(OTTO, lowered, "northfield", [Role.EDUCATOR])
        here.tenants.suspend(OTTO, "southbank")

        assert list(map(other.gateway.sessions.find, tokens)) == [None] * 4


def test_two_running_gateways_show_the_door_to_whom_it_was_closed(campus_today: Campus) -> None:
    campus = campus_today
    settings, directory = environment(campus), campus.directory
    disabled, lowered, suspended = (add_person(campus, name) for name in ("Ada", "Ben", "Cleo"))
    tokens = [campus.gateway.sessions.begin(each) for each in (disabled, lowered, suspended)]
    with (
        serving(settings, directory / "first.log") as first,
        serving(settings, directory / "second.log") as second,
    ):
        before = [status_of(home, token) for home in (first, second) for token in tokens]

        command(settings, "account", "disable", disabled)
        command(settings, "account", "roles", lowered, "--tenant", "northfield")
        command(settings, "tenant", "suspend", "southbank")
        after = [status_of(home, token) for home in (first, second) for token in tokens]

    assert before == [200] * 6
    assert after == [303] * 6


def test_an_educator_at_one_gateway_is_out_when_the_role_is_taken_at_another(
    campus_today: Campus,
) -> None:
    campus = campus_today
    settings, directory = environment(campus), campus.directory
    ben = add_person(campus, "Ben")
    bens, adas = campus.gateway.sessions.begin(ben), sign_in(campus, "Ada")
    with (
        serving(settings, directory / "first.log") as first,
        serving(settings, directory / "second.log") as second,
    ):
        before = status_of(second, bens)

        taken = httpx2.post(
            f"{first}/portal/people/{ben}",
            data={"csrf": csrf_of(campus, adas)},
            headers={"cookie": f"{SESSION_COOKIE}={adas[SESSION_COOKIE]}", "origin": BASE},
        )

        assert (before, taken.status_code) == (200, 303), taken.text
        assert taken.headers["location"] == "/portal/people"
        assert status_of(second, bens) == 303


def status_of(home: str, token: str) -> int:
    """303 is the way to the sign-in page."""
    cookie = {"cookie": f"{SESSION_COOKIE}={token}"}
    return httpx2.get(f"{home}/portal/sessions", headers=cookie).status_code


def test_attempts_at_all_gateways_are_counted_together(campus_on_both: Campus) -> None:
    with campus_on_both.beside() as other:
        for each in range(PER_EMAIL):
            gateway = (campus_on_both.gateway, other.gateway)[each % 2]
            gateway.sign_in_limits.count("ada@n.example", "192.0.2.7")

        with pytest.raises(TooManySignIns):
            other.gateway.sign_in_limits.count("ada@n.example", "192.0.2.7")


def test_an_invitation_of_one_gateway_is_good_once_at_all(campus_on_both: Campus) -> None:
    here = campus_on_both.gateway
    ada = Caller.admin(add_person(campus_on_both, "Ada"), campus_on_both.tenant())
    cleo = Caller.admin(add_person(campus_on_both, "Cleo"), campus_on_both.tenant("southbank"))
    made = here.invitations.make(ada, "northfield", Role.EDUCATOR)
    token = made.address.rpartition("/")[2]
    with campus_on_both.beside() as other:
        standing = other.gateway.invitations.accept(cleo, token)
        session = other.gateway.sessions.begin(cleo.account, None, standing)
        assert here.sessions.find(session)
        with pytest.raises(InvitationDead):
            here.invitations.look(token, "192.0.2.7")

        here.accounts.set_roles(ada, cleo.account, "northfield", [])

        assert other.gateway.sessions.find(session) is None
