"""Keys, made once: making an RSA key takes longer than all that is done with it here."""

from __future__ import annotations

import pytest
from joserfc.jwk import ECKey, RSAKey


@pytest.fixture(scope="session")
def rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048)


@pytest.fixture(scope="session")
def foreign_rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048)


@pytest.fixture(scope="session")
def ec_key() -> ECKey:
    return ECKey.generate_key("P-256")
