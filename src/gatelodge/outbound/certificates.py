"""What a server proved its name with, and why it could not."""

import ssl
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpcore2


@dataclass(frozen=True, slots=True)
class Certificate:
    """``protocol`` is the version of TLS that was spoken; ``good_until`` is seconds since 1970."""

    protocol: str
    issued_by: str
    good_until: int


class Fault(StrEnum):
    """Why a certificate proves nothing, as far as a person can do something about it."""

    EXPIRED = "expired"
    NOT_YET = "not_yet"
    OTHER_NAME = "other_name"
    UNKNOWN_AUTHORITY = "unknown_authority"
    OTHER = "other"


# OpenSSL's X509_V_ERR_ numbers (x509_vfy.h), which Python passes on as `verify_code`.
_FAULTS = {
    9: Fault.NOT_YET,
    10: Fault.EXPIRED,
    18: Fault.UNKNOWN_AUTHORITY,
    19: Fault.UNKNOWN_AUTHORITY,
    20: Fault.UNKNOWN_AUTHORITY,
    21: Fault.UNKNOWN_AUTHORITY,
    62: Fault.OTHER_NAME,
    64: Fault.OTHER_NAME,
}


def fault_of(error: ssl.SSLCertVerificationError) -> Fault:
    return _FAULTS.get(error.verify_code, Fault.OTHER)


def certificate_of(stream: httpcore2.AsyncNetworkStream) -> Certificate | None:
    """Of a connection that stands; none where it is plain."""
    connection = stream.get_extra_info("ssl_object")
    shown = connection.getpeercert() if connection else None
    if not shown:
        return None
    return Certificate(
        protocol=(connection.version() or "").replace("TLSv", "TLS "),
        issued_by=_name(shown.get("issuer", ())),
        good_until=ssl.cert_time_to_seconds(shown["notAfter"]),
    )


def _name(issuer: Any) -> str:
    """The organisation, as people know it, or else the name it gave itself."""
    parts = {key: value for pairs in issuer for key, value in pairs}
    return str(parts.get("organizationName") or parts.get("commonName") or "")
