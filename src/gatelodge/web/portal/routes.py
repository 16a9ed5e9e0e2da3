"""The portal's table of contents: every page, in the order of the menu."""

from gatelodge.web.portal import (
    audit,
    clients,
    data,
    deployments,
    edits,
    entrance,
    invitations,
    languages,
    launches,
    patterns,
    people,
    problems,
    registrations,
    requests,
    sessions,
    tenants,
    tools,
)
from gatelodge.web.portal.pages import Page
from gatelodge.web.portal.wizard import routes as wizard

PAGES: tuple[Page, ...] = (
    *entrance.PAGES,
    *wizard.PAGES,
    *edits.PAGES,
    *registrations.PAGES,
    *launches.PAGES,
    *deployments.PAGES,
    *problems.PAGES,
    *data.PAGES,
    *languages.PAGES,
    *audit.PAGES,
    *people.PAGES,
    *invitations.PAGES,
    *tenants.PAGES,
    *requests.PAGES,
    *tools.PAGES,
    *clients.PAGES,
    *patterns.PAGES,
    *sessions.PAGES,
)
