"""People who sign in with an e-mail address and a password, as they were typed in."""

import re
import unicodedata
from email.headerregistry import Address

from msgspec import Struct

from gatelodge.lti.errors import shown
from gatelodge.services.errors import Invalid
from gatelodge.services.inputs import Inputs
from gatelodge.services.passwords import Passwords, read_new_password

LONGEST_EMAIL = 254  # RFC 5321, 4.5.3.1.3, less the brackets

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*")


class LocalPerson(Struct, frozen=True):
    name: str
    email: str
    password_hash: str


def read_local_person(passwords: Passwords, name: str, email: str, password: str) -> LocalPerson:
    name = Inputs().name("name", name)
    email = read_email(email)
    read_new_password(password, name, email, email.partition("@")[0])
    return LocalPerson(name, email, passwords.hash(password))


def read_email(email: str) -> str:
    email = email.strip()
    if not email:
        raise Invalid("email", "The e-mail address is empty.")
    if len(email) > LONGEST_EMAIL or not email.isprintable() or not _is_address(email):
        raise Invalid("email", f"{shown(email)!r} isn't an e-mail address.")
    return email


def _is_address(email: str) -> bool:
    if not _EMAIL.fullmatch(email):
        return False
    try:
        return Address(addr_spec=email).addr_spec == email
    except Exception:  # noqa: BLE001 - its parser raises whatever it stumbles over
        return False


def fold_email(email: str) -> str:
    """As it is compared: people don't care about capitals, nor does any mail server that matters."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()
