# ruff: noqa: S104 - nobody listens at the addresses written here

from ipaddress import ip_address

import pytest

from gatelodge.outbound.machine import is_this_machine


@pytest.mark.parametrize("text", ["127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::"])
def test_loopback_is_this_machine(text: str) -> None:
    assert is_this_machine(ip_address(text))


@pytest.mark.parametrize("text", ["93.184.216.34", "2606:4700::1111", "192.0.2.1"])
def test_a_server_elsewhere_is_not(text: str) -> None:
    assert not is_this_machine(ip_address(text))
