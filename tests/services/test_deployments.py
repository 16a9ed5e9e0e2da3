from __future__ import annotations

import pytest

from gatelodge.lti.registration import Deployment, DeploymentState
from gatelodge.services.errors import (
    DeploymentNotFound,
    Invalid,
    NotAllowed,
    RegistrationNotFound,
)
from gatelodge.services.registrations import RegistrationView
from gatelodge.storage import deployments
from gatelodge.storage.errors import DeploymentTaken
from tests.services.house import OTTO, House


def waiting(
    house: House, view: RegistrationView, deployment_id: str = "9", home: str | None = None
) -> str:
    """A deployment that a launch named, and that nobody knows yet."""
    found = Deployment(
        id=house.ids.new(),
        platform_client_id=view.overview.client.id,
        deployment_id=deployment_id,
        registration_id=home,
        state=DeploymentState.WAITING,
    )
    house.database.write(
        lambda connection: deployments.add(connection, found, first_seen_at=house.clock())
    )
    return found.id


def test_a_waiting_deployment_is_approved_for_the_only_registration(house: House) -> None:
    view = house.register(house.ada)
    row = waiting(house, view)

    approved = house.deployments.approve(house.ada, row)

    assert approved.deployment.state is DeploymentState.APPROVED
    assert approved.deployment.registration_id == view.id
    assert house.tags()[-1] == "deployment.approved"


def test_where_several_could_be_meant_the_registration_is_named(house: House) -> None:
    house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/")
    view, quiz = house.register(house.ada), house.register(house.ada, tool="quiz", name="Quiz")
    row = waiting(house, view)

    with pytest.raises(Invalid, match="has several registrations, so say to which"):
        house.deployments.approve(house.ada, row)

    approved = house.deployments.approve(house.ada, row, quiz.id)
    assert approved.registration_name == "Quiz"


def test_a_deployment_that_only_waits_somewhere_may_be_given_to_another(house: House) -> None:
    house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/")
    view = house.register(house.ada)
    row = waiting(house, view, home=view.id)
    quiz = house.register(house.ada, tool="quiz")

    assert house.deployments.approve(house.ada, row, quiz.id).deployment.registration_id == quiz.id


def test_one_that_belongs_to_a_registration_stays_there(house: House) -> None:
    house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/")
    view = house.register(house.ada, deployment_ids=("1",))
    quiz = house.register(house.ada, tool="quiz")

    with pytest.raises(DeploymentTaken, match="belongs to the registration 'Moodle' already"):
        house.deployments.approve(house.ada, view.deployments[0].id, quiz.id)


def test_a_registration_on_another_platform_client_is_no_home(house: House) -> None:
    row = waiting(house, house.register(house.ada))
    other = house.register(house.ada, client_id="other", name="Other Moodle")

    with pytest.raises(Invalid, match="'Other Moodle' is on another platform client"):
        house.deployments.approve(house.ada, row, other.id)


def test_a_registration_in_the_bin_is_no_home(house: House) -> None:
    house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/")
    view, quiz = house.register(house.ada), house.register(house.ada, tool="quiz")
    row = waiting(house, view)
    house.registrations.delete(house.ada, quiz.id)

    with pytest.raises(RegistrationNotFound):
        house.deployments.approve(house.ada, row, quiz.id)


def test_a_blocked_deployment_can_be_approved_again(house: House) -> None:
    view = house.register(house.ada, deployment_ids=("1",))
    [known] = view.deployments

    blocked = house.deployments.block(house.ada, known.id)
    approved = house.deployments.approve(house.ada, known.id)

    assert (blocked.deployment.state, approved.deployment.state) == ("blocked", "approved")
    assert approved.deployment.registration_id == view.id


def test_an_unassigned_deployment_can_be_blocked(house: House) -> None:
    row = waiting(house, house.register(house.ada))

    assert house.deployments.block(house.ada, row).deployment.registration_id is None


def test_adding_a_registration_takes_a_deployment_that_waits(house: House) -> None:
    house.tools.add(OTTO, "quiz", "Quiz", "https://quiz.example/")
    view = house.register(house.ada)
    waiting(house, view, "9", home=view.id)

    quiz = house.register(house.ada, tool="quiz", deployment_ids=("9",))

    assert [each.deployment.state for each in quiz.deployments] == ["approved"]


def test_lists_can_be_narrowed_to_a_state(house: House) -> None:
    view = house.register(house.ada, deployment_ids=("1",))
    row = waiting(house, view)

    found = house.deployments.list(house.ada, state=DeploymentState.WAITING)

    assert [each.id for each in found] == [row]
    assert len(house.deployments.list(house.ada)) == 2


def test_on_a_shared_client_the_operator_alone_decides(house: House) -> None:
    view = house.register(shared=True, deployment_ids=("north",))
    house.register(tenant="southbank", shared=True, name="Southbank's", deployment_ids=("south",))
    row = waiting(house, view, "new")

    assert house.deployments.list(house.ada, state=DeploymentState.WAITING) == []
    with pytest.raises(DeploymentNotFound):
        house.deployments.approve(house.ada, row, view.id)
    with pytest.raises(NotAllowed, match="Only the operator decides"):
        house.deployments.block(house.ada, view.deployments[0].id)

    approved = house.deployments.approve(OTTO, row, view.id)
    assert approved.tenant_slug == "northfield"


def test_deployments_that_wait_become_the_operators_when_their_client_is_shared(
    house: House,
) -> None:
    row = waiting(house, house.register(house.ada))
    house.register(tenant="southbank", shared=True)

    assert house.deployments.list(house.ada) == []
    assert [each.id for each in house.deployments.list(OTTO)] == [row]


def test_a_foreign_deployment_is_as_unknown_as_none(house: House) -> None:
    view = house.register(house.ada, deployment_ids=("1",))

    assert house.deployments.list(house.cleo) == []
    for use in (house.deployments.approve, house.deployments.block):
        with pytest.raises(DeploymentNotFound):
            use(house.cleo, view.deployments[0].id)


def test_an_educator_decides_nothing(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.deployments.list(house.ben)
