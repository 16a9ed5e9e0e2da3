"""Signing in by OpenID Connect: code flow, PKCE, state, nonce, and what makes an id_token good.

What a sign-in remembers is sealed and lies with the browser that began it; nothing is written
until somebody has proven who they are. Cookies and pages are not known here.
"""

from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from time import perf_counter_ns
from urllib.parse import quote, urlencode

import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError
from msgspec import Struct

from gatelodge.lti.errors import GatelodgeError, KeySetUnreachable, Refusal
from gatelodge.lti.tokens import ALGORITHMS, JsonObject, read_token, verify
from gatelodge.lti.trace import Trace
from gatelodge.services.accounts import Accounts
from gatelodge.services.addresses import Addresses
from gatelodge.services.caller import Role
from gatelodge.services.errors import SealBroken
from gatelodge.services.key_sets import KeySets
from gatelodge.services.ports import Clock, Ids
from gatelodge.services.provider_claims import Said, read_claims
from gatelodge.services.provider_metadata import (
    SECONDS_TO_ANSWER,
    Fetcher,
    Metadata,
    ProviderMetadata,
    provider_down,
    read_object,
)
from gatelodge.services.provider_userinfo import with_userinfo
from gatelodge.services.providers import Provider
from gatelodge.services.sealing import Sealer
from gatelodge.services.sessions import Standing
from gatelodge.services.sign_in_errors import (
    InstitutionSuspended,
    InstitutionUnknown,
    NotOneOfUs,
    ProofRejected,
    ProviderRefused,
    RoleMissing,
    SignInStateLost,
    proof_rejected,
)
from gatelodge.storage import tenant_requests, tenants
from gatelodge.storage.database import Connection, Database
from gatelodge.storage.tenant_requests import Institution
from gatelodge.storage.tenants import Tenant

LIFETIME = 600
"""Seconds from the button to the return: time for a second factor, and for finding a telephone."""

_PURPOSE = "sign-in state"
_LEEWAY = 60
_LONGEST_HINT = 6000
"""Longest id_token that is put into an address; servers take addresses of 8,000 characters."""
_LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2

Parameters = Sequence[tuple[str, str]]


class Begun(Struct, frozen=True):
    """``address`` is the provider's; ``kept`` goes to the browser, under the name of ``state``."""

    address: str
    state: str
    kept: str


class Proven(Struct, frozen=True):
    """Who somebody is, by the word of a provider; ``to`` is where they were going."""

    provider: Provider
    issuer: str
    subject: str
    said: Said
    id_token: str
    to: str

    @property
    def institution(self) -> Institution | None:
        """None where no claim names it, or not so that something can be kept under the name."""
        value = self.said.known_as
        return Institution(self.provider.key, self.issuer, value) if value else None


class _Kept(Struct, frozen=True):
    state: str
    nonce: str
    verifier: str
    to: str
    at: int


class ProviderSignIn:
    def __init__(
        self,
        providers: Sequence[Provider],
        metadata: ProviderMetadata,
        fetcher: Fetcher,
        key_sets: KeySets,
        accounts: Accounts,
        database: Database,
        *,
        addresses: Addresses,
        sealer: Sealer,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self.providers = {each.key: each for each in providers}
        self._metadata = metadata
        self._fetcher = fetcher
        self._key_sets = key_sets
        self._accounts = accounts
        self._database = database
        self._addresses = addresses
        self._sealer = sealer
        self._clock = clock
        self._ids = ids

    # ------------------------------------------------------------------- there

    async def begin(self, provider: Provider, to: str, *, other_account: bool = False) -> Begun:
        """``other_account``: let the person choose one, even if the provider knows who it is."""
        metadata = await self._metadata.of(provider)
        kept = _Kept(
            state=self._ids.secret(),
            nonce=self._ids.secret(),
            verifier=self._ids.secret(),
            to=to,
            at=int(self._clock()),
        )
        address = prepare_grant_uri(
            metadata.authorization_endpoint,
            provider.client_id,
            "code",
            redirect_uri=self._addresses.sign_in_return(provider.key),
            scope=provider.scopes,
            state=kept.state,
            nonce=kept.nonce,
            code_challenge=create_s256_code_challenge(kept.verifier),
            code_challenge_method="S256",
            prompt=_prompt(metadata) if other_account else None,
        )
        sealed = self._sealer.seal(msgspec.json.encode(kept), purpose=_PURPOSE, about=provider.key)
        return Begun(address, kept.state, urlsafe_b64encode(sealed).decode())

    # ------------------------------------------------------------------- and back

    async def finish(self, provider: Provider, parameters: Parameters, kept: str) -> Proven:
        """``kept`` is what this browser was given for this state, or nothing.

        Raises `SignInFailed`.
        """
        answer = _single(parameters)
        remembered = self._remembered(provider, answer.get("state"), kept)
        metadata = await self._metadata.of(provider)
        self._check_sender(provider, metadata, answer.get("iss"))
        if "error" in answer:
            raise ProviderRefused(f"{provider.name} didn't sign you in.", reason=answer["error"])
        code = answer.get("code")
        if not code:
            raise ProofRejected("The answer has no code.", reason="code missing")
        tokens = await self._redeemed(provider, metadata, code, remembered.verifier)
        id_token = tokens.get("id_token")
        claims = await self._verified(provider, metadata, id_token)
        issuer = provider.issuer_of(claims.get("tid"))
        self._check_claims(provider, claims, issuer, remembered.nonce)
        if answer.get("iss") not in (None, issuer):
            raise proof_rejected("the answer and its token come from different issuers")
        claims = await with_userinfo(self._fetcher, provider, metadata, claims, tokens)
        return Proven(
            provider=provider,
            issuer=str(issuer),
            subject=claims["sub"],
            said=read_claims(provider, claims),
            id_token=str(id_token),
            to=remembered.to,
        )

    def destination(self, provider: Provider, kept: str) -> str:
        """Where somebody was going whose sign-in failed; empty if this browser began none."""
        try:
            return self._opened(provider, kept).to
        except SignInStateLost:
            return ""

    def admit(self, proven: Proven) -> str:
        """The account's id. Raises `NotOneOfUs`; of who holds no role yet nothing is kept then."""
        said, provider = proven.said, proven.provider
        tenant = self._tenant_of(proven)
        standings = _standings(said, tenant)
        if not standings and not self._accounts.knows(proven.issuer, proven.subject):
            error = self._not_one_of_us(proven, tenant)
            self._accounts.record_refused(error.code, provider=provider.key)
            raise error
        return self._accounts.from_identity(
            proven.issuer,
            proven.subject,
            name=said.name,
            email=said.email,
            standings=standings,
            provider=provider.key,
        )

    def standings(self, proven: Proven) -> list[Standing]:
        """The roles that the claims give."""
        return _standings(proven.said, self._tenant_of(proven))

    def without_standing(self, proven: Proven, account_id: str) -> NotOneOfUs:
        """What to tell somebody whose account holds no role, or none that is good now."""
        error = self._not_one_of_us(proven, self._tenant_of(proven))
        self._accounts.record_refused(
            error.code, provider=proven.provider.key, account_id=account_id
        )
        return error

    async def end_address(self, provider_key: str, id_token: str | None) -> str | None:
        """Where to sign out at the provider itself, if it has such a place and can be asked."""
        provider = self.providers.get(provider_key)
        if provider is None:
            return None
        try:
            metadata = await self._metadata.of(provider)
        except GatelodgeError:
            return None
        if metadata.end_session_endpoint is None:
            return None
        fields = [
            ("client_id", provider.client_id),
            ("post_logout_redirect_uri", self._addresses.signed_out),
        ]
        if id_token and len(id_token) <= _LONGEST_HINT:
            fields.append(("id_token_hint", id_token))
        joint = "&" if "?" in metadata.end_session_endpoint else "?"
        return f"{metadata.end_session_endpoint}{joint}{urlencode(fields)}"

    # ------------------------------------------------------------------- steps

    def _opened(self, provider: Provider, kept: str) -> _Kept:
        # Bound to the provider: what was begun with one can't be finished with another (mix-up).
        try:
            sealed = urlsafe_b64decode(kept.encode("ascii"))
            plain = self._sealer.open(sealed, purpose=_PURPOSE, about=provider.key)
        except (ValueError, SealBroken):
            raise _lost("no sign-in was begun in this browser with this provider") from None
        return msgspec.json.decode(plain, type=_Kept)

    def _remembered(self, provider: Provider, state: str | None, kept: str) -> _Kept:
        remembered = self._opened(provider, kept)
        if state != remembered.state:
            raise _lost("the state is another one")
        if self._clock() - remembered.at > LIFETIME:
            raise _lost("the state is too old")
        return remembered

    def _check_sender(self, provider: Provider, metadata: Metadata, issuer: str | None) -> None:
        """RFC 9207 section 2.4, before the code goes anywhere."""
        if issuer is None and metadata.names_itself:
            raise proof_rejected("the answer doesn't name its issuer, though the provider does so")
        if issuer is not None and not provider.may_be(issuer):
            raise proof_rejected(f"the answer comes from {issuer!r}")

    async def _redeemed(
        self, provider: Provider, metadata: Metadata, code: str, verifier: str
    ) -> JsonObject:
        fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self._addresses.sign_in_return(provider.key)),
            ("code_verifier", verifier),
        ]
        more, headers = _authenticated(provider, metadata)
        try:
            answer = await self._fetcher.post_form(
                metadata.token_endpoint,
                [*fields, *more],
                headers=headers,
                deadline=SECONDS_TO_ANSWER,
            )
        except GatelodgeError as error:
            raise provider_down(provider, str(error)) from None
        document = read_object(answer.body)
        if document is None or answer.status >= 500:
            raise provider_down(provider, f"Its token endpoint gave status {answer.status}.")
        if answer.status != 200:
            # RFC 6749 section 5.2; the description may hold what was sent.
            raise proof_rejected(f"the code was not redeemed: {document.get('error')!r}")
        return document

    async def _verified(
        self, provider: Provider, metadata: Metadata, id_token: object
    ) -> JsonObject:
        """Signed by a key of the provider's own set; from here on it is Authlib's to judge."""
        trace = Trace(perf_counter_ns)
        try:
            token = read_token(
                id_token if isinstance(id_token, str) else None,
                algorithms=ALGORITHMS,
                trace=trace,
                needs_key_id=False,
            )
            key = await self._key_sets.key_at(metadata.key_set, token)
            return verify(token, key, trace).values
        except KeySetUnreachable as refusal:
            raise provider_down(provider, str(refusal)) from None
        except Refusal as refusal:
            raise proof_rejected(str(refusal)) from None

    def _check_claims(
        self, provider: Provider, claims: JsonObject, issuer: str | None, nonce: str
    ) -> None:
        """OpenID Connect Core 1.0, section 3.1.3.7."""
        if issuer is None:
            raise proof_rejected("the issuer is of no directory")
        audience = claims.get("aud")
        # (3): nobody else's audience is trusted here, whatever azp says.
        if audience not in (provider.client_id, [provider.client_id]):
            raise proof_rejected("the token is for another audience")
        judged = CodeIDToken(
            claims,
            {},
            options={
                "iss": {"essential": True, "value": issuer},
                "aud": {"essential": True, "value": provider.client_id},
                "sub": {"essential": True},
            },
            params={"nonce": nonce, "client_id": provider.client_id},
        )
        try:
            judged.validate(now=int(self._clock()), leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError) as error:
            raise proof_rejected(f"Authlib says: {error}") from None
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise proof_rejected("the subject is no name")
        if not (subject.isascii() and subject.isprintable()):
            raise proof_rejected("the subject has characters that no subject has")

    def _tenant_of(self, proven: Proven) -> Tenant | None:
        return self._database.read(lambda connection: _tenant(connection, proven))

    def _not_one_of_us(self, proven: Proven, tenant: Tenant | None) -> NotOneOfUs:
        said = proven.said
        who = {"name": said.name, "email": said.email}
        if tenant is None:
            what = said.institution or "Your institution"
            return InstitutionUnknown(f"{what} isn't registered with this gateway.", **who)
        if tenant.is_suspended:
            return InstitutionSuspended(f"{tenant.name} is suspended on this gateway.", **who)
        return RoleMissing(f"{tenant.name} gave you no role on this gateway.", **who)


def _tenant(connection: Connection, proven: Proven) -> Tenant | None:
    """The one that the settings name; else the one that was approved; else the one called so."""
    said = proven.said
    called = tenants.get_by_slug(connection, said.tenant) if said.tenant else None
    if called is not None and proven.provider.names_tenants:
        return called
    institution = proven.institution
    approved = institution and tenant_requests.tenant_of(connection, institution)
    return approved or called


def _standings(said: Said, tenant: Tenant | None) -> list[Standing]:
    """Operators stand in no tenant; everybody else in the one that the claims name."""
    held = []
    for role in said.roles:
        if role is Role.OPERATOR:
            held.append(Standing(role, None, None))
        elif tenant is not None:
            held.append(Standing(role, tenant.id, tenant.name))
    return held


def _authenticated(
    provider: Provider, metadata: Metadata
) -> tuple[list[tuple[str, str]], Mapping[str, str]]:
    """RFC 6749 section 2.3.1: in the form where the provider takes it so, else by Basic."""
    if provider.client_secret is None:
        return [("client_id", provider.client_id)], {}
    if "client_secret_post" in metadata.auth_methods:
        return [
            ("client_id", provider.client_id),
            ("client_secret", provider.client_secret),
        ], {}
    both = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
    return [], {"Authorization": f"Basic {b64encode(both.encode()).decode()}"}


def _prompt(metadata: Metadata) -> str:
    if metadata.prompts is None or "select_account" in metadata.prompts:
        return "select_account"
    return "login"


def _single(parameters: Parameters) -> dict[str, str]:
    """A parameter that stands twice may mean one thing to us and another to somebody else."""
    answer = dict(parameters)
    if len(answer) != len(parameters):
        raise proof_rejected("a parameter stands twice")
    return answer


def _lost(reason: str) -> SignInStateLost:
    return SignInStateLost("Your sign-in took too long, or began somewhere else.", reason=reason)
