"""What runs beside the launches for as long as the gateway does."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.gateways import Campus


@pytest.mark.asyncio
async def test_what_goes_wrong_once_does_not_end_what_comes_round_again(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, done = campus.gateway, asyncio.Event()
    looks: list[str] = []
    refresh = gateway.catalogue.refresh

    async def look() -> bool:
        looks.append("look")
        if len(looks) == 2:
            raise RuntimeError("What nobody has thought of.")
        if len(looks) == 4:
            done.set()
        return await refresh()

    monkeypatch.setattr("gatelodge.assembly.A_MOMENT", 0.01)
    monkeypatch.setattr(gateway.catalogue, "refresh", look)
    await gateway.start()

    await asyncio.wait_for(done.wait(), 10)
    await gateway.stop()
