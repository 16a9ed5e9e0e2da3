"""Invitations: a link that gives one role, in one tenant or at the host, to who comes with it first.

It is good once, for three days, until it is revoked, and only while whoever made it could still
make it. Of its token the hash alone is kept. Who comes proves who they are as everybody does: at a
provider, whatever its claims say, or with a password.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from msgspec import Struct

from gatelodge.services.accounts import Accounts
from gatelodge.services.addresses import Addresses
from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller, Role
from gatelodge.services.errors import (
    AccountDisabled,
    Invalid,
    InvitationDead,
    InvitationNotFound,
    NoBaseAddress,
    NotAllowed,
    TooManyInvitations,
)
from gatelodge.services.inputs import Inputs
from gatelodge.services.local_people import fold_email, read_local_person
from gatelodge.services.mails import Letter, Outbox
from gatelodge.services.passwords import Passwords
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.provider_sign_in import Proven
from gatelodge.services.sessions import Standing
from gatelodge.services.sign_in_limits import SignInLimits
from gatelodge.services.tenants import find_tenant
from gatelodge.storage import accounts as stored_accounts
from gatelodge.storage import invitations
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.errors import EmailTaken
from gatelodge.storage.invitations import InvitationOverview, InvitationRow
from gatelodge.words import N_, Sentence

LIFETIME = 72 * 3600
MOST_OPEN = 200
"""Open invitations to one place."""

KEPT_DAYS = 30
"""How long the list shows one that is over."""

_LONGEST_TOKEN = 100
_PATH = "/invitation/"


class Made(Struct, frozen=True):
    """``address`` is told this once."""

    id: str
    address: str
    expires_at: int


class Offer(Struct, frozen=True):
    """What an invitation gives, for whoever has its link in hand."""

    id: str
    standing: Standing
    inviter: str
    expires_at: int


class Invitations:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        audit: Audit,
        addresses: Addresses,
        outbox: Outbox,
        passwords: Passwords,
        limits: SignInLimits,
        accounts: Accounts,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._audit = audit
        self._addresses = addresses
        self._outbox = outbox
        self._passwords = passwords
        self._limits = limits
        self._accounts = accounts

    # ------------------------------------------------------------------- those who invite

    def make(self, caller: Caller, tenant: str | None, role: Role, note: str = "") -> Made:
        """``tenant`` is None for an operator; ``note`` says for whom it is, and only to us."""
        caller.must_administer()
        if not self._addresses.base:
            raise NoBaseAddress
        note = Inputs().name("note", note) if note.strip() else ""
        token, now = self._ids.secret(), int(self._clock())

        def write(connection: Connection) -> InvitationRow:
            row = InvitationRow(
                id=self._ids.new(),
                tenant_id=_place(caller, connection, tenant, role),
                role=role,
                note=note,
                inviter=caller.account,
                created_at=now,
                expires_at=now + LIFETIME,
            )
            if invitations.count_open(connection, row.tenant_id, now) >= MOST_OPEN:
                raise TooManyInvitations
            invitations.add(connection, row, _hashed(token))
            self._record(caller.account, connection, Tag.INVITATION_MADE, row)
            return row

        row = self._database.write(write)
        return Made(row.id, self._addresses.invitation(token), row.expires_at)

    def list(
        self, caller: Caller, *, limit: int, offset: int
    ) -> tuple[Sequence[InvitationOverview], int]:
        """Newest first, and how many there are: of the tenant, for the operator all."""
        caller.must_administer()
        scope = caller.tenant_scope
        return self._database.read(
            lambda connection: (
                invitations.list_newest(connection, scope, limit=limit, offset=offset),
                invitations.count(connection, scope),
            )
        )

    def revoke(self, caller: Caller, invitation_id: str) -> None:
        """Raises `InvitationNotFound`, also for one that was used or is over."""
        caller.must_administer()

        def write(connection: Connection) -> None:
            scope = caller.tenant_scope
            found = invitations.get(connection, scope, invitation_id)
            if found is None or not invitations.revoke(
                connection, scope, invitation_id, self._clock()
            ):
                raise InvitationNotFound(invitation_id)
            self._record(caller.account, connection, Tag.INVITATION_REVOKED, found.invitation)

        self._database.write(write)

    # ------------------------------------------------------------------- those who are invited

    def look(self, token: str, address: str) -> Offer:
        """Raises `InvitationDead`; who comes with many such is sent away (`TooManySignIns`)."""
        found = self._database.read(lambda connection: self._good(connection, token))
        if found is None:
            self._limits.count_dead_link(address)
            raise InvitationDead
        return _offer(found)

    def accept(self, caller: Caller, token: str) -> Standing:
        """By somebody who is signed in; the role is theirs from now on."""
        return self._database.write(
            lambda connection: self._accepted(connection, token, caller.account)
        )

    def accept_with_password(
        self, token: str, email: str, password: str, address: str
    ) -> tuple[str, Standing]:
        """By somebody with a local login: their account. Raises what signing in does."""
        self.look(token, address)
        account_id = self._accounts.sign_in_locally(email, password, address)
        return account_id, self._database.write(
            lambda connection: self._accepted(connection, token, account_id)
        )

    def accept_with_new_login(
        self, token: str, address: str, *, name: str, email: str, password: str
    ) -> tuple[str, Standing]:
        """By somebody who gets a local login now. An e-mail address that has one is `Invalid`."""
        self.look(token, address)
        # Whoever has a link could try whose addresses are known, but not many.
        self._limits.count(fold_email(email), address)
        person = read_local_person(self._passwords, name, email, password)
        account_id = self._ids.new()

        def write(connection: Connection) -> Standing:
            # In the account's own name: nobody else says who they are.
            arriving = Caller.operator(account_id)
            self._accounts.add_within(arriving, connection, account_id, person, [])
            return self._accepted(connection, token, account_id)

        try:
            return account_id, self._database.write(write)
        except EmailTaken as error:
            raise Invalid("email", str(error), hint=error.hint) from None

    def accept_proven(
        self, token: str, proven: Proven, standings: Iterable[Standing]
    ) -> tuple[str, Standing]:
        """By somebody whom a provider knows; ``standings`` are what its claims give beside."""

        def write(connection: Connection) -> tuple[str, Standing]:
            account_id = self._accounts.from_identity_within(
                connection,
                proven.issuer,
                proven.subject,
                name=proven.said.name,
                email=proven.said.email,
                standings=standings,
            )
            return account_id, self._accepted(connection, token, account_id)

        try:
            return self._database.write(write)
        except AccountDisabled as error:
            self._accounts.record_refused(error.code, provider=proven.provider.key)
            raise

    # ------------------------------------------------------------------- steps

    def _accepted(self, connection: Connection, token: str, account_id: str) -> Standing:
        """Whoever holds the role already leaves the invitation to somebody else."""
        stored_accounts.one_at_a_time(connection)
        found = self._good(connection, token)
        if found is None:
            raise InvitationDead
        row, standing = found.invitation, _standing(found)
        if self._accounts.give_within(
            connection, row.inviter, account_id, standing.role, row.tenant_id
        ):
            if not invitations.take(connection, row.id, account_id, self._clock()):
                raise InvitationDead
            self._record(account_id, connection, Tag.INVITATION_ACCEPTED, row)
            self._tell_inviter(connection, row)
        return standing

    def _good(self, connection: Connection, token: str) -> InvitationOverview | None:
        if not 0 < len(token) <= _LONGEST_TOKEN:
            return None
        found = invitations.get_by_token(connection, _hashed(token))
        return found if found and is_open(found, self._clock()) else None

    def _tell_inviter(self, connection: Connection, row: InvitationRow) -> None:
        inviter = stored_accounts.get(connection, row.inviter)
        if inviter is None or inviter.email is None:
            return
        values = {"address": self._addresses.invitations}
        letter = Letter(
            to=inviter.email,
            subject=Sentence(N_("Your invitation was accepted")),
            paragraphs=(
                Sentence(N_("Somebody accepted an invitation of yours, and has the role now.")),
                Sentence(N_("See who it is: {address}"), values),
            ),
            language=inviter.language,
            account_id=inviter.id,
        )
        self._outbox.post(connection, [letter])

    def _record(self, actor: str, connection: Connection, tag: Tag, row: InvitationRow) -> None:
        self._audit.record_by(
            actor, connection, tag, row.id, tenant_id=row.tenant_id, role=row.role
        )


def is_open(found: InvitationOverview, now: float) -> bool:
    """Whether somebody could accept it now."""
    row = found.invitation
    is_over = row.used_at is not None or row.revoked_at is not None or row.expires_at <= now
    return found.is_backed and not is_over


def invitation_in(path: str) -> str | None:
    """The token, if somebody is on the way to an invitation."""
    return path.removeprefix(_PATH) if path.startswith(_PATH) else None


def path_of(token: str) -> str:
    return f"{_PATH}{token}"


def _place(caller: Caller, connection: Connection, tenant: str | None, role: Role) -> str | None:
    """Never above the caller's own role: an administrator invites into the own tenant alone."""
    if role is Role.OPERATOR:
        if not caller.is_operator:
            raise NotAllowed("Only an operator may invite operators.")
        return None
    if tenant is None:
        raise Invalid("tenant", "Administrators and educators need a tenant.")
    return find_tenant(caller, connection, tenant).id


def _standing(found: InvitationOverview) -> Standing:
    row = found.invitation
    return Standing(Role(row.role), row.tenant_id, found.tenant_name)


def _offer(found: InvitationOverview) -> Offer:
    row = found.invitation
    return Offer(row.id, _standing(found), found.inviter_name or "", row.expires_at)


def _hashed(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
