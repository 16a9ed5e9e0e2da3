from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from gatelodge.services.errors import Invalid
from gatelodge.services.problem_errors import ReportPageDead, TooManyReports
from gatelodge.services.problem_pages import LIFETIME, LONGEST_TEXT, PER_ADDRESS, PER_CLIENT
from tests.services.house import OTTO, House
from tests.services.reports import Desks


@pytest.fixture
def desks(house: House) -> Desks:
    return Desks(house)


def test_a_page_is_reported_to_its_institution(desks: Desks) -> None:
    reference = desks.from_page("It says <b>no</b>.")

    seen = desks.problems.show(desks.ada, reference)

    assert (seen.text, seen.launch, seen.line.sender) == ("It says <b>no</b>.", "7F3K-4MB9", None)
    assert desks.inbox(desks.otto) == []
    assert desks.inbox(desks.cleo) == []


def test_a_page_of_nobody_known_is_reported_to_the_operator(desks: Desks, house: House) -> None:
    house.tenants.suspend(OTTO, "southbank")
    tenants = (None, house.southbank.id, "deleted meanwhile")

    made = [
        desks.pages.report(desks.page(tenant_id=each), "It says no.", address="192.0.2.1")
        for each in tenants
    ]

    assert desks.inbox(desks.otto) == made[::-1]


def test_where_nobody_answers_the_operator_does(desks: Desks, house: House) -> None:
    lakeside = house.tenants.add(OTTO, "Lakeside")
    house.accounts.disable(OTTO, desks.ada.account)
    pages = [desks.page(tenant_id=each) for each in (lakeside.id, house.northfield.id)]

    made = [desks.pages.report(each, "It says no.", address="192.0.2.1") for each in pages]
    made.append(desks.report(desks.ben))

    assert desks.inbox(desks.otto) == made[::-1]
    assert desks.problems.count_new(desks.otto) == 3
    assert {to for to, _ in desks.mails()} == {"otto@people.example"}
    # Who comes to administer it later, sees what was reported before.
    assert desks.inbox(desks.ada) == made[:0:-1]


def test_a_page_is_reported_once(desks: Desks, house: House) -> None:
    token = desks.page(tenant_id=house.northfield.id)
    assert desks.pages.sent(token) is None

    with ThreadPoolExecutor(2) as pool:
        made = list(
            pool.map(lambda text: desks.pages.report(token, text, address="192.0.2.1"), "ab")
        )

    assert set(made) == {desks.pages.sent(token)}
    assert desks.inbox(desks.ada) == made[:1]


def test_two_people_of_one_reference_report_each_their_own_page(desks: Desks) -> None:
    first, second = desks.from_page(), desks.from_page()

    assert first != second


def test_a_page_is_good_for_an_hour(desks: Desks, house: House) -> None:
    token = desks.page(tenant_id=house.northfield.id)

    house.clock.now += LIFETIME - 1
    assert desks.pages.sent(token) is None
    house.clock.now += 2
    with pytest.raises(ReportPageDead):
        desks.pages.report(token, "It says no.", address="192.0.2.1")


def test_no_page_can_be_made_up(desks: Desks, house: House) -> None:
    token = desks.page(tenant_id=house.northfield.id)
    trace_id, client, _, nonce, signature = token.split(".")
    forged = [
        "",
        ".",
        "....",
        "x" * 10_000,
        "é" + token,
        token + "0",
        token[:-1],
        f"{trace_id}.{client}.{house.southbank.id}.{nonce}.{signature}",
        f"OTHE-RONE.{client}.{house.northfield.id}.{nonce}.{signature}",
        f"{trace_id}.{client}.{house.northfield.id}.{house.ids.nonce()}.{signature}",
    ]

    for each in forged:
        with pytest.raises(ReportPageDead):
            desks.pages.report(each, "It says no.", address="192.0.2.1")
    assert desks.inbox(desks.ada) + desks.inbox(desks.cleo) + desks.inbox(desks.otto) == []


@pytest.mark.parametrize("text", ["", " \r\n", "x" * (LONGEST_TEXT + 1)])
def test_it_says_something_and_not_too_much(desks: Desks, text: str) -> None:
    with pytest.raises(Invalid):
        desks.from_page(text)


def test_line_ends_of_browsers_are_one_character(desks: Desks) -> None:
    reference = desks.from_page("x\r\n" * (LONGEST_TEXT // 2))

    assert len(desks.problems.show(desks.ada, reference).text) == LONGEST_TEXT - 1


def test_one_address_sends_no_thousands(desks: Desks) -> None:
    for _ in range(PER_ADDRESS):
        desks.from_page(address="2001:db8::1")

    for _ in range(30):
        with pytest.raises(TooManyReports):
            desks.from_page(address="2001:db8::2")
    assert len(desks.inbox(desks.ada)) == PER_ADDRESS
    desks.from_page(address="192.0.2.1")


def test_many_at_once_are_no_way_around_the_limit(desks: Desks) -> None:
    pages = [desks.page(tenant_id=desks.house.northfield.id) for _ in range(2 * PER_ADDRESS)]

    def report(page: str) -> bool:
        try:
            desks.pages.report(page, "It says no.", address="192.0.2.1")
        except TooManyReports:
            return False
        return True

    with ThreadPoolExecutor(8) as crowd:
        taken = list(crowd.map(report, pages))

    assert sum(taken) == PER_ADDRESS
    assert len(desks.inbox(desks.ada)) == PER_ADDRESS


def test_one_platform_client_gets_no_thousands(desks: Desks, house: House) -> None:
    def report(client: str, number: int) -> None:
        token = desks.page(tenant_id=house.northfield.id, client=client)
        desks.pages.report(token, "It says no.", address=f"192.0.2.{number}")

    for number in range(PER_CLIENT):
        report("client", number)

    with pytest.raises(TooManyReports):
        report("client", 200)
    report("another", 201)
    house.clock.now += 3600
    report("client", 202)


def test_institutions_on_one_platform_client_don_t_use_up_each_others_reports(
    desks: Desks, house: House
) -> None:
    for number in range(PER_CLIENT):
        token = desks.page(tenant_id=house.northfield.id, client="shared")
        desks.pages.report(token, "It says no.", address=f"192.0.2.{number}")

    token = desks.page(tenant_id=house.southbank.id, client="shared")
    reference = desks.pages.report(token, "It says no.", address="192.0.2.201")

    assert desks.inbox(desks.cleo) == [reference]


def test_a_page_that_was_reported_tells_its_reference_however_often_it_is_sent(
    desks: Desks, house: House
) -> None:
    token = desks.page(tenant_id=house.northfield.id)

    references = {
        desks.pages.report(token, "It says no.", address="192.0.2.1")
        for _ in range(PER_ADDRESS + 5)
    }

    assert len(references) == 1
    assert desks.from_page(address="192.0.2.1") not in references


def test_what_was_typed_reaches_no_mail(desks: Desks) -> None:
    desks.from_page("Bcc: everybody@people.example\r\n\r\nRead this")

    [letter] = desks.letters()

    assert letter.to == "ada@people.example"
    told = " ".join(str(each) for each in (letter.subject, *letter.paragraphs))
    assert "everybody" not in told
    assert "Read this" not in told
