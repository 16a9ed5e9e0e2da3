"""Accounts: who may come in, how they prove it, and the roles they hold.

An account is known by the identities of its providers, issuer and subject, or by its local login;
never by the e-mail of a claim, which anybody could write there. Sessions are not known here.
"""

from collections.abc import Collection, Iterable, Sequence

from msgspec import Struct

from gatelodge.services.audit import Audit, Tag
from gatelodge.services.caller import Caller, Role
from gatelodge.services.errors import (
    AccountDisabled,
    AccountNotFound,
    Invalid,
    LastAdmin,
    LastOperator,
    NotAllowed,
    SignInRefused,
)
from gatelodge.services.inputs import LONGEST_NAME
from gatelodge.services.local_people import (
    LONGEST_EMAIL,
    LocalPerson,
    fold_email,
    read_local_person,
)
from gatelodge.services.passwords import Passwords, read_new_password
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.sessions import Standing
from gatelodge.services.sign_in_limits import SignInLimits
from gatelodge.services.tenants import find_tenant
from gatelodge.storage import accounts, sessions
from gatelodge.storage.accounts import AccountRow, HeldRole, RoleRow
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.paging import PAGE, every

GIVEN, CLAIMS = "given", "claims"
"""Where a role came from: a person gave it, or the claims of a provider."""

NAMELESS = "-"


class AccountView(Struct, frozen=True):
    """An account, with those of its roles that the viewer may know of."""

    id: str
    name: str
    email: str | None
    roles: tuple[HeldRole, ...]
    created_at: int
    disabled_at: int | None


class Accounts:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        audit: Audit,
        passwords: Passwords,
        limits: SignInLimits,
    ) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._audit = audit
        self._passwords = passwords
        self._limits = limits

    # ------------------------------------------------------------------- at the door

    def sign_in_locally(self, email: str, password: str, address: str) -> str:
        """The account's id; raises `SignInRefused`, or `TooManySignIns` with the seconds to wait.

        Who is unknown and who mistypes get one answer, after the same work.
        """
        email = fold_email(email)
        self._limits.count(email, address)
        login = self._database.find(lambda connection: accounts.get_local_login(connection, email))
        fits = self._passwords.fits(password, login.password_hash if login else None)
        if login is None or not fits or login.disabled_at is not None:
            self.record_refused(SignInRefused.code, account_id=login.account_id if login else None)
            raise SignInRefused
        self._limits.forgive(email, address)
        if self._passwords.is_dated(login.password_hash):
            self._keep(login.account_id, self._passwords.hash(password))
        return login.account_id

    def from_identity(
        self,
        issuer: str,
        subject: str,
        *,
        name: str | None,
        email: str | None,
        standings: Iterable[Standing],
        provider: str | None = None,
    ) -> str:
        """The id of this identity's account, made when it first comes; raises `AccountDisabled`.

        ``standings`` are the roles that the provider's claims give. They take the place of those
        that claims gave before, and leave alone what a person gave.
        """
        try:
            return self._database.write(
                lambda connection: self.from_identity_within(
                    connection, issuer, subject, name=name, email=email, standings=standings
                )
            )
        except AccountDisabled as error:
            self.record_refused(error.code, provider=provider)
            raise

    def from_identity_within(
        self,
        connection: Connection,
        issuer: str,
        subject: str,
        *,
        name: str | None,
        email: str | None,
        standings: Iterable[Standing],
    ) -> str:
        """The same in a transaction that is under way, in which nothing is recorded of a refusal."""
        email = _tamed(email, LONGEST_EMAIL) or None
        name = _tamed(name, LONGEST_NAME) or email or NAMELESS
        accounts.one_at_a_time(connection)
        account = accounts.get_by_identity(connection, issuer, subject)
        if account is None:
            account_id = self._ids.new()
            self._add(connection, account_id, account_id, name, email)
            self._identify(connection, account_id, issuer, subject)
        elif account.disabled_at is not None:
            raise AccountDisabled
        else:
            account_id = account.id
            accounts.rename(connection, account_id, name, email)
        wanted = {(each.role, each.tenant_id) for each in standings}
        self._follow_claims(connection, account_id, wanted)
        return account_id

    def knows(self, issuer: str, subject: str) -> bool:
        return (
            self._database.read(
                lambda connection: accounts.get_by_identity(connection, issuer, subject)
            )
            is not None
        )

    def record_refused(
        self, why: str, *, provider: str | None = None, account_id: str | None = None
    ) -> None:
        """``why`` is the code of what happened; nothing of what was typed or sent is kept."""
        self._database.write(
            lambda connection: self._limits.record(
                connection, why, account_id=account_id, provider=provider
            )
        )

    # ------------------------------------------------------------------- those who keep accounts

    def add_local(
        self,
        caller: Caller,
        tenant: str | None,
        role: Role,
        *,
        name: str,
        email: str,
        password: str,
    ) -> AccountView:
        """Somebody who signs in with e-mail and password; ``tenant`` is None for an operator."""
        person = read_local_person(self._passwords, name, email, password)
        account_id = self._ids.new()

        def write(connection: Connection) -> AccountView:
            tenant_id = _place(caller, connection, tenant, [role])
            self.add_within(caller, connection, account_id, person, [(role, tenant_id)])
            return _find(caller, connection, account_id)

        return self._database.write(write)

    def add_within(
        self,
        caller: Caller,
        connection: Connection,
        account_id: str,
        person: LocalPerson,
        roles: Sequence[tuple[Role, str | None]],
    ) -> None:
        """In a transaction that is under way, by a caller who was judged before."""
        self._add(connection, account_id, caller.account, person.name, person.email)
        accounts.add_local_login(
            connection,
            account_id,
            fold_email(person.email),
            person.password_hash,
            now=self._clock(),
        )
        for role, tenant_id in roles:
            self.give_within(connection, caller.account, account_id, role, tenant_id)

    def give_within(
        self,
        connection: Connection,
        actor: str,
        account_id: str,
        role: Role,
        tenant_id: str | None,
    ) -> bool:
        """One role more, whoever decided on it; False if the account holds it already."""
        roles = accounts.roles_of(connection, [account_id])
        there = {Role(each.role) for each in roles if each.tenant_id == tenant_id}
        if role in there:
            return False
        self._give(connection, account_id, role, tenant_id, GIVEN)
        self._record_roles(connection, actor, account_id, there | {role}, tenant_id)
        return True

    def list(self, caller: Caller) -> list[AccountView]:
        """For the operator all of them; for an administrator those with a role in the tenant."""
        caller.must_administer()

        def page(connection: Connection, after: str | None) -> list[AccountView]:
            rows = accounts.list_all(connection, caller.tenant_scope, after=after, limit=PAGE)
            return _views(caller, connection, rows)

        return self._database.read(
            lambda connection: list(every(lambda after: page(connection, after)))
        )

    def find(self, caller: Caller, account_id: str) -> AccountView:
        caller.must_administer()
        return self._database.read(lambda connection: _find(caller, connection, account_id))

    def set_roles(
        self, caller: Caller, account_id: str, tenant: str | None, roles: Iterable[Role]
    ) -> None:
        """These and no others, in this tenant, or at the host where there is none.

        Raises `LastAdmin` when nobody of the tenant would administer it; the operator may do that.

        A role that a provider's claims give goes when the claim goes, also if it was among these;
        taken here, it comes back when the person next signs in.
        """
        wanted = set(roles)

        def write(connection: Connection) -> None:
            accounts.one_at_a_time(connection)
            tenant_id = _place(caller, connection, tenant, wanted)
            view = _find(caller, connection, account_id)
            held = {Role(each.role) for each in view.roles if each.tenant_id == tenant_id}
            if Role.OPERATOR in held - wanted:
                _require_another_operator(connection, account_id)
            if Role.ADMIN in held - wanted and not caller.is_operator:
                _require_another_admin(connection, account_id, tenant_id)
            for role in held - wanted:
                accounts.take_role(connection, account_id, role, tenant_id)
            for role in wanted - held:
                self._give(connection, account_id, role, tenant_id, GIVEN)
            if held != wanted:
                self._record_roles(connection, caller.account, account_id, wanted, tenant_id)

        self._database.write(write)

    def give_roles(
        self, caller: Caller, account_id: str, tenant: str | None, roles: Collection[Role]
    ) -> None:
        """These beside those that are held there."""
        if not roles:
            raise Invalid("role", "No role is named.")

        def write(connection: Connection) -> None:
            accounts.one_at_a_time(connection)
            tenant_id = _place(caller, connection, tenant, roles)
            view = _find(caller, connection, account_id)
            for role in roles:
                self.give_within(connection, caller.account, view.id, role, tenant_id)

        self._database.write(write)

    def disable(self, caller: Caller, account_id: str) -> AccountView:
        """From this commit on it can't be used, and nobody is signed in with it."""
        caller.must_operate()

        def write(connection: Connection) -> AccountView:
            accounts.one_at_a_time(connection)
            view = _find(caller, connection, account_id)
            if view.disabled_at is None:
                if any(each.role == Role.OPERATOR for each in view.roles):
                    _require_another_operator(connection, account_id)
                accounts.set_disabled(connection, account_id, self._clock())
                sessions.end_all(connection, account_id)
                self._record(caller.account, connection, Tag.ACCOUNT_DISABLED, account_id)
            return _find(caller, connection, account_id)

        return self._database.write(write)

    def enable(self, caller: Caller, account_id: str) -> AccountView:
        caller.must_operate()

        def write(connection: Connection) -> AccountView:
            if _find(caller, connection, account_id).disabled_at is not None:
                accounts.set_disabled(connection, account_id, None)
                self._record(caller.account, connection, Tag.ACCOUNT_ENABLED, account_id)
            return _find(caller, connection, account_id)

        return self._database.write(write)

    def set_password(self, caller: Caller, account_id: str, password: str) -> AccountView:
        """For somebody who forgot theirs. Whoever is signed in with the account is so no more."""
        caller.must_operate()
        view = self.find(caller, account_id)
        read_new_password(password, view.name, view.email or "")
        password_hash = self._passwords.hash(password)

        def write(connection: Connection) -> AccountView:
            if not accounts.set_password(connection, account_id, password_hash, now=self._clock()):
                raise Invalid("account", "This account signs in at a provider, without a password.")
            sessions.end_all(connection, account_id)
            self._record(caller.account, connection, Tag.ACCOUNT_PASSWORD_CHANGED, account_id)
            return view

        return self._database.write(write)

    def set_language(self, caller: Caller, language: str | None) -> None:
        """One's own."""
        self._database.write(
            lambda connection: accounts.set_language(connection, caller.account, language)
        )

    # ------------------------------------------------------------------- steps

    def _add(
        self, connection: Connection, account_id: str, actor: str, name: str, email: str | None
    ) -> None:
        row = AccountRow(account_id, name, email, None, int(self._clock()), None)
        accounts.add(connection, row)
        self._record(actor, connection, Tag.ACCOUNT_ADDED, account_id)

    def _identify(self, connection: Connection, account_id: str, issuer: str, subject: str) -> None:
        accounts.add_identity(
            connection, self._ids.new(), account_id, issuer, subject, created_at=self._clock()
        )

    def _follow_claims(
        self, connection: Connection, account_id: str, wanted: set[tuple[Role, str | None]]
    ) -> None:
        roles = accounts.roles_of(connection, [account_id])
        held = {(Role(each.role), each.tenant_id) for each in roles}
        claimed = {(Role(each.role), each.tenant_id) for each in roles if each.source == CLAIMS}
        for role, tenant_id in claimed - wanted:
            accounts.take_role(connection, account_id, role, tenant_id)
        for role, tenant_id in wanted:
            self._give(connection, account_id, role, tenant_id, CLAIMS)
        changed = (claimed - wanted) | (wanted - held)
        for tenant_id in {tenant_id for _, tenant_id in changed}:
            now_held = accounts.roles_of(connection, [account_id])
            there = [Role(each.role) for each in now_held if each.tenant_id == tenant_id]
            self._record_roles(connection, account_id, account_id, there, tenant_id)

    def _give(
        self,
        connection: Connection,
        account_id: str,
        role: Role,
        tenant_id: str | None,
        source: str,
    ) -> None:
        row = RoleRow(self._ids.new(), account_id, role, tenant_id, source, int(self._clock()))
        accounts.give_role(connection, row)

    def _keep(self, account_id: str, password_hash: str) -> None:
        self._database.write(
            lambda connection: accounts.set_password(
                connection, account_id, password_hash, now=self._clock()
            )
        )

    def _record_roles(
        self,
        connection: Connection,
        actor: str,
        account_id: str,
        roles: Iterable[Role],
        tenant_id: str | None,
    ) -> None:
        """The event tells all roles that are held there from now on."""
        self._audit.record_by(
            actor,
            connection,
            Tag.ACCOUNT_ROLES_CHANGED,
            account_id,
            tenant_id=tenant_id,
            roles=" ".join(sorted(roles)),
        )

    def _record(self, actor: str, connection: Connection, tag: Tag, account_id: str) -> None:
        self._audit.record_by(actor, connection, tag, account_id, tenant_id=None)


def _place(
    caller: Caller, connection: Connection, tenant: str | None, roles: Collection[Role]
) -> str | None:
    """The tenant in which the caller may give these roles; None for the host."""
    caller.must_administer()
    if tenant is None:
        caller.must_operate()
        if set(roles) - {Role.OPERATOR}:
            raise Invalid("tenant", "Administrators and educators need a tenant.")
        return None
    if Role.OPERATOR in roles:
        raise NotAllowed("An operator stands in no tenant.")
    return find_tenant(caller, connection, tenant).id


def _require_another_operator(connection: Connection, account_id: str) -> None:
    if not accounts.count_operators(connection, besides=account_id):
        raise LastOperator


def _require_another_admin(connection: Connection, account_id: str, tenant_id: str | None) -> None:
    if not accounts.count_holders(connection, Role.ADMIN, tenant_id, besides=account_id):
        raise LastAdmin


def _find(caller: Caller, connection: Connection, account_id: str) -> AccountView:
    """An account without a role in the caller's tenant is as unknown as one that is not there."""
    row = accounts.get(connection, account_id.strip())
    views = _views(caller, connection, [row] if row else [])
    if not views or not (caller.is_operator or views[0].roles):
        raise AccountNotFound(account_id)
    return views[0]


def _views(caller: Caller, connection: Connection, rows: Sequence[AccountRow]) -> list[AccountView]:
    held = [
        each
        for each in accounts.roles_of(connection, [row.id for row in rows])
        if caller.tenant_scope in (None, each.tenant_id)
    ]
    return [
        AccountView(
            id=row.id,
            name=row.name,
            email=row.email,
            roles=tuple(each for each in held if each.account_id == row.id),
            created_at=row.created_at,
            disabled_at=row.disabled_at,
        )
        for row in rows
    ]


def _tamed(text: str | None, longest: int) -> str:
    """What a provider says, cut, and without characters that hide or turn others."""
    printable = "".join(each for each in text or "" if each.isprintable())
    return printable.strip()[:longest].strip()
