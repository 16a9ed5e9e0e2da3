# ruff: noqa: S104 - nobody listens at the addresses written here

from ipaddress import ip_address

import pytest

from gatelodge.outbound.guard import Guard, Objection

CAMPUS = Guard(
    allow=[
        "lms.campus.example",
        "mail.campus.example:25",
        "10.1.0.0/16",
        "10.9.0.1:636",
        "metadata.example",
    ],
    own_addresses=[("10.1.0.5", 8000), ("gatelodge.example", 443)],
)
DEVELOPMENT = Guard(allow=["localhost", "127.0.0.1", "metadata.example"], development=True)


@pytest.mark.parametrize(
    ("host", "port", "address", "objection"),
    [
        ("lms.example", 443, "93.184.216.34", None),
        ("lms.example", 8443, "93.184.216.34", None),
        ("lms.example", 25, "93.184.216.34", Objection.PORT),
        ("lms.example", 80, "93.184.216.34", Objection.PORT),
        ("lms.example", 443, "10.2.0.1", Objection.NOT_PUBLIC),
        ("lms.example", 443, "127.0.0.1", Objection.NOT_PUBLIC),
        ("lms.example", 443, "169.254.169.254", Objection.NEVER),
        ("lms.campus.example", 443, "10.2.0.1", None),
        ("lms.campus.example", 22, "10.2.0.1", Objection.PORT),
        ("mail.campus.example", 25, "10.2.0.1", None),
        ("mail.campus.example", 443, "10.2.0.1", Objection.NOT_PUBLIC),
        ("other.campus.example", 443, "10.1.2.3", None),
        ("other.campus.example", 389, "10.1.2.3", Objection.PORT),
        ("directory.campus.example", 636, "10.9.0.1", None),
        # Listed, and yet never.
        ("metadata.example", 443, "169.254.169.254", Objection.NEVER),
        ("metadata.example", 443, "fd00:ec2::254", Objection.NEVER),
        ("metadata.example", 443, "168.63.129.16", Objection.NEVER),
        ("lms.campus.example", 443, "0.0.0.0", Objection.NEVER),
        ("lms.campus.example", 8000, "10.1.0.5", Objection.OURSELVES),
        ("lms.campus.example", 8000, "::ffff:10.1.0.5", Objection.OURSELVES),
        ("lms.campus.example", 8001, "10.1.0.5", None),
        ("gatelodge.example", 443, "93.184.216.34", Objection.OURSELVES),
    ],
)
def test_in_production_a_server_is_public_or_listed(
    host: str, port: int, address: str, objection: Objection | None
) -> None:
    assert CAMPUS.objection(host, port, ip_address(address)) == objection
    assert CAMPUS.permits(host, port, address) == (objection is None)


@pytest.mark.parametrize(
    ("host", "port", "address", "objection"),
    [
        ("localhost", 80, "127.0.0.1", None),
        ("localhost", 8000, "::1", None),
        ("another.name", 8000, "127.0.0.1", None),
        ("metadata.example", 80, "169.254.169.254", None),
        ("lms.example", 80, "93.184.216.34", Objection.PLAIN),
        ("lms.example", 8080, "10.0.0.1", Objection.PLAIN),
    ],
)
def test_in_development_plain_http_is_for_listed_servers(
    host: str, port: int, address: str, objection: Objection | None
) -> None:
    assert DEVELOPMENT.objection(host, port, ip_address(address), plain=True) == objection


def test_in_development_what_is_not_listed_is_guarded_as_ever() -> None:
    assert not DEVELOPMENT.permits("lms.example", 443, "10.0.0.1")
    assert not DEVELOPMENT.permits("lms.example", 443, "169.254.169.254")
    assert DEVELOPMENT.permits("lms.example", 443, "93.184.216.34")


@pytest.mark.parametrize("everywhere", ["", "0.0.0.0", "::"])
def test_who_listens_everywhere_is_not_called_at_any_address_of_the_machine(
    everywhere: str,
) -> None:
    guard = Guard(
        allow=["10.0.0.0/8", "127.0.0.0/8"],
        own_addresses=[(everywhere, 8000)],
        is_this_machine=lambda address: str(address) in {"10.0.0.5", "127.0.0.2"},
    )

    assert not guard.permits("lms.example", 8000, "10.0.0.5")
    assert not guard.permits("lms.example", 8000, "127.0.0.2")
    assert guard.permits("lms.example", 8000, "10.0.0.6")
    assert guard.permits("lms.example", 8001, "10.0.0.5")


def test_where_a_proxy_looks_names_up_the_name_and_the_port_are_judged() -> None:
    assert CAMPUS.objection("lms.example", 443, None) is None
    assert CAMPUS.objection("lms.example", 25, None) == Objection.PORT
    assert CAMPUS.objection("gatelodge.example", 443, None) == Objection.OURSELVES
