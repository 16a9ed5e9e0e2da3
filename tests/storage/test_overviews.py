from __future__ import annotations

from gatelodge.storage import overviews, registrations, signing_keys
from tests.storage.cast import NORTHFIELD, NOW, SOUTHBANK, Cast, a_key


def test_a_registration_is_shown_with_what_it_belongs_to(cast: Cast) -> None:
    found = cast.read(overviews.get_registration, None, cast.north.id)

    assert found is not None
    assert (found.registration, found.client, found.tool) == (
        cast.north,
        cast.north_client,
        cast.tool,
    )
    assert (found.tenant_slug, found.created_at, found.deleted_at) == ("northfield", NOW, None)


def test_what_is_in_the_bin_is_shown_when_asked_for(cast: Cast) -> None:
    cast.write(registrations.delete, None, cast.north.id, now=NOW + 1)

    live = cast.read(overviews.list_registrations, NORTHFIELD.id)
    everything = cast.read(overviews.list_registrations, NORTHFIELD.id, include_bin=True)

    assert live == []
    assert [(each.id, each.deleted_at) for each in everything] == [(cast.north.id, NOW + 1)]


def test_a_deployment_is_shown_with_where_it_leads(cast: Cast) -> None:
    waiting = cast.add_deployment(cast.north_client, None, deployment_id="2")

    found = cast.read(overviews.list_deployments, NORTHFIELD.id)

    assert [(each.id, each.registration_name, each.tenant_slug) for each in found] == [
        (cast.north_deployment.id, "Northfield's Moodle", "northfield"),
        (waiting.id, None, None),
    ]
    assert {each.issuer for each in found} == {cast.north_client.issuer}


def test_keys_are_shown_with_their_client(cast: Cast) -> None:
    of_tools, of_client = a_key(), a_key(cast.north_client.id)
    for key in (of_tools, of_client):
        cast.write(signing_keys.add, key)

    shown = {each.key: each.client for each in cast.read(overviews.list_keys, None)}

    assert shown == {of_tools: None, of_client: cast.north_client}
    assert [each.key for each in cast.read(overviews.list_keys, NORTHFIELD.id)] == [of_client]


def test_rows_are_called_by_their_names(cast: Cast) -> None:
    names = cast.read(
        overviews.names_of,
        tenants={NORTHFIELD.id, SOUTHBANK.id},
        registrations={cast.north.id, "gone"},
        tools=(),
    )

    assert names.tenants == {NORTHFIELD.id: "northfield", SOUTHBANK.id: "southbank"}
    assert names.registrations == {cast.north.id: "Northfield's Moodle"}
    assert names.tools == {}
    assert cast.read(overviews.platform_of, cast.north_client.id) == "moodle"
    assert cast.read(overviews.platform_of, None) is None
