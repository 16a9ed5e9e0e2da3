"""Step 5: everything once more, tried; then it is added."""

from collections.abc import Mapping

from starlette.responses import Response

from gatelodge.lti.errors import GatelodgeError
from gatelodge.platforms.questions import completed
from gatelodge.services.drafts import Draft
from gatelodge.services.errors import DraftChanged, Invalid
from gatelodge.web.portal import connection_checks
from gatelodge.web.portal.messages import Message
from gatelodge.web.portal.notes import Note
from gatelodge.web.portal.pages import Visit
from gatelodge.web.portal.wizard import frame, words
from gatelodge.web.portal.wizard.looking import connection_of, looked_at
from gatelodge.web.portal.wizard.ours import NO_CLIENT, shared_client
from gatelodge.web.portal.wizard.steps import STEP_OF
from gatelodge.words import N_


def _page(
    visit: Visit,
    draft: Draft,
    *,
    failed: Mapping[str, Note] | None = None,
    notice: Note | None = None,
    status: int = 200,
) -> Response:
    platform, environment = draft.platform, draft.environment
    if platform is None or environment is None:
        return visit.go(frame.address(draft, 2))
    whole = completed(platform, environment, draft.values)
    errors: dict[str, Note] = {}
    if not draft.name:
        errors["name"] = Note("bad", N_("Give the registration a name, so that you find it again."))
    if not draft.is_on_shared:
        errors |= looked_at(visit, draft, try_keys=False)[1]
    errors |= failed or {}
    client = shared_client(visit, draft) if draft.is_on_shared else None
    if draft.is_on_shared and client is None:
        errors["shared_client"] = Note("bad", NO_CLIENT)
    checks = []
    if not draft.is_on_shared:
        checks = connection_checks.tried(visit, platform, connection_of(whole))
        checks.append(connection_checks.first_launch(visit, platform))
    return frame.page(
        visit,
        "wizard-review.html",
        draft,
        5,
        status=status if (failed or notice) else 200,
        notice=notice,
        environment=environment,
        whole=whole,
        client=client,
        checks=checks,
        tally=connection_checks.tally(checks),
        errors=errors,
        step_of=STEP_OF,
    )


def show(visit: Visit, draft: Draft) -> Response:
    return _page(visit, draft)


def take(visit: Visit, draft: Draft) -> Response:
    do = visit.form.text("do")
    if do in ("leave", "back"):
        return frame.onward(visit, frame.reread(visit, draft), 5)
    if do == "test":
        return visit.go(frame.address(draft, 5))
    current = frame.reread(visit, draft)
    if current.platform is None:
        return visit.go(frame.address(current, 2))
    try:
        added = visit.gateway.drafts.finish(visit.caller, draft.id, version=draft.version)
    except DraftChanged:
        return _page(visit, current, notice=_REVIEW_AGAIN, status=409)
    except Invalid as error:
        field = "audience" if error.field == "token_audience" else error.field
        failed = {field: words.unfit(field)}
        return _page(visit, current, failed=failed, status=422)
    except GatelodgeError as error:
        if error.code not in words.CONFLICTS:
            raise
        failed = {"client_id": Note("bad", words.CONFLICTS[error.code])}
        return _page(visit, current, failed=failed, status=409)
    deployments = visit.gateway.registrations.show(visit.caller, added.id).deployments
    return visit.go(f"{frame.LIST}/{added.id}", _added(current, is_assigned=len(deployments) > 0))


_REVIEW_AGAIN = Note(
    "warn",
    N_("This draft was changed meanwhile. Look at it once more, then save it."),
)


def _added(draft: Draft, *, is_assigned: bool) -> Message:
    """``is_assigned``: launches from a deployment of the registration are accepted already."""
    names = {"name": draft.name, "lms": draft.platform.name if draft.platform else ""}
    if draft.is_on_shared and not is_assigned:
        return Message(
            "ok",
            N_(
                "“{name}” has been added.\n"
                "The operator of this gateway now assigns your deployment to it; then it launches."
            ),
            names,
        )
    if not is_assigned:
        return Message(
            "ok",
            N_(
                "“{name}” has been added.\n"
                "Click its link once in {lms}: its deployment then waits here for your approval."
            ),
            names,
        )
    return Message(
        "ok",
        N_(
            "“{name}” has been added.\n"
            "Put a link to it into a course in {lms} and click it: the launch then stands here."
        ),
        names,
    )
