"""Those who answer for an institution are mailed when somebody does something about all of its data."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from gatelodge.services.caller import Caller
from gatelodge.services.notices import NOTICES
from tests.services.test_persons import add_account
from tests.support.campuses import *  # noqa: F403
from tests.support.campuses import OpenCampus
from tests.support.gateways import Campus
from tests.support.mail_servers import Mailbox, mail_server

Post = tuple[Campus, Mailbox]


@pytest.fixture
def post(campus_with: OpenCampus) -> Iterator[Post]:
    """A campus whose mails a real server takes, with people who can be mailed."""
    with mail_server() as box:
        sender = "gatelodge@lti.example"
        campus = campus_with(smtp_url=f"smtp+plain://127.0.0.1:{box.port}", mail_from=sender)
        yield campus, box


def admin(campus: Campus, name: str, tenant: str = "northfield") -> Caller:
    tenant_id = campus.tenant(tenant)
    account = add_account(campus, name, f"{name}@{tenant}.example", ("admin", tenant_id))
    return Caller.admin(account, tenant_id)


def operator(campus: Campus, name: str) -> Caller:
    return Caller.operator(add_account(campus, name, f"{name}@host.example", ("operator", None)))


def told(post: Post) -> list[tuple[str, str]]:
    """Who has got which mail since the last look."""
    campus, box = post
    asyncio.run(campus.gateway.postman.deliver_due())
    mails = sorted((str(each["To"]).split("@")[0], str(each["Subject"])) for each in box.mails)
    box.mails.clear()
    return mails


def test_the_others_and_the_operator_learn_that_a_deletion_is_asked_for(post: Post) -> None:
    campus, _ = post
    ada, _dan, _cleo = (
        admin(campus, "ada"),
        admin(campus, "dan"),
        admin(campus, "cleo", "southbank"),
    )
    add_account(campus, "ben", "ben@northfield.example", ("educator", campus.tenant()))
    operator(campus, "otto")

    campus.gateway.tenant_deletions.ask(ada, "northfield", "Northfield")
    asked = told(post)
    campus.gateway.tenant_deletions.take_back(ada, "northfield")
    taken_back = told(post)

    subject = "An institution is to be deleted"
    assert asked == [("dan", subject), ("otto", subject)]
    subject = "An institution will not be deleted"
    assert taken_back == [("dan", subject), ("otto", subject)]


def test_what_the_operator_decides_is_told_to_its_administrators(post: Post) -> None:
    campus, box = post
    admin(campus, "ada")
    otto, _olga = operator(campus, "otto"), operator(campus, "olga")

    campus.gateway.tenant_deletions.decide(otto, "northfield", "Northfield")
    asyncio.run(campus.gateway.postman.deliver_due())

    assert sorted(str(each["To"]) for each in box.mails) == [
        "ada@northfield.example",
        "olga@host.example",
    ]
    text = " ".join(box.mails[0].get_content().split())
    assert "“Northfield” be deleted: its links open nothing any more." in text
    assert "https://lti.example/portal/data?tenant=northfield" in text


def test_an_export_is_told_to_the_other_administrators_alone(post: Post) -> None:
    campus, _ = post
    ada, _dan = admin(campus, "ada"), admin(campus, "dan")
    operator(campus, "otto")

    campus.gateway.tenant_exports.ask(ada, "northfield")
    once = told(post)
    campus.gateway.tenant_exports.ask(ada, "northfield")

    assert once == [("dan", "An export of everything was asked for")]
    assert told(post) == []


def test_nobody_is_flooded(post: Post) -> None:
    campus, _ = post
    ada, _dan = admin(campus, "ada"), admin(campus, "dan")

    for _ in range(NOTICES):
        campus.gateway.tenant_deletions.ask(ada, "northfield", "Northfield")
        campus.gateway.tenant_deletions.take_back(ada, "northfield")

    assert len(told(post)) == NOTICES
    campus.clock.pass_seconds(3601)
    campus.gateway.tenant_deletions.ask(ada, "northfield", "Northfield")
    assert len(told(post)) == 1


def test_what_was_undone_is_told_to_nobody(post: Post) -> None:
    campus, _ = post
    ada, _dan = admin(campus, "ada"), admin(campus, "dan")

    with pytest.raises(Exception, match="name of the institution"):
        campus.gateway.tenant_deletions.ask(ada, "northfield", "Southbank")

    assert told(post) == []
