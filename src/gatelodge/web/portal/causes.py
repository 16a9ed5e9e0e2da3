"""Why a launch was refused, in about five words: what stands under "Failing" in a list.

The whole story is told by the launch itself; the words for who clicked are in `gatelodge.lti.errors`.
"""

from collections.abc import Callable, Mapping

from gatelodge.words import N_

CAUSES: Mapping[str, str] = {
    "login.parameter_missing": N_("Login lacks a parameter"),
    "login.parameter_repeated": N_("Login repeats a parameter"),
    "login.parameter_too_long": N_("Login has a value too long"),
    "login.parameter_malformed": N_("Login can't be read"),
    "login.parameter_forbidden": N_("Login sets what it mustn't"),
    "login.old_lti": N_("LMS sends LTI 1.1"),
    "login.target_link_foreign": N_("Target link isn't ours"),
    "login.deployment_malformed": N_("Deployment ID can't be read"),
    "login.storage_target_malformed": N_("Storage target can't be read"),
    "login.insecure": N_("Login came without https"),
    "login.tool_unknown": N_("No such tool here"),
    "login.issuer_unknown": N_("Issuer isn't registered"),
    "login.client_unknown": N_("Client ID isn't registered"),
    "login.client_ambiguous": N_("LMS names no client ID"),
    "login.too_many": N_("Too many requests at once"),
    "launch.registration_not_found": N_("Registration isn't complete, or deleted"),
    "launch.registration_disabled": N_("Registration is switched off"),
    "launch.tenant_suspended": N_("Institution is suspended"),
    "launch.not_posted": N_("Launch wasn't sent as a form"),
    "launch.form_malformed": N_("Launch can't be read"),
    "launch.too_large": N_("Launch is too large"),
    "launch.token_missing": N_("Launch came without a token"),
    "launch.state_missing": N_("LMS didn't return our state"),
    "launch.state_invalid": N_("LMS changed our state"),
    "launch.state_expired": N_("Login began too long ago"),
    "launch.proof_missing": N_("Browser kept no cookie"),
    "launch.proof_foreign": N_("Launch came from another browser"),
    "launch.platform_error": N_("LMS answered with an error"),
    "launch.platform_session_ended": N_("Person was signed out"),
    "launch.token_malformed": N_("Token can't be read"),
    "launch.algorithm_none": N_("Token isn't signed"),
    "launch.algorithm_symmetric": N_("Token is signed by a secret"),
    "launch.algorithm_refused": N_("Algorithm isn't allowed"),
    "launch.key_unfit": N_("LMS's key can't be used"),
    "launch.key_id_missing": N_("Token names no key"),
    "launch.key_unknown": N_("Key isn't in the key set"),
    "launch.header_critical": N_("Token asks for an extension"),
    "launch.signature_invalid": N_("Signature doesn't fit the key"),
    "launch.key_set_unreachable": N_("Key set can't be reached"),
    "launch.key_set_invalid": N_("Key set can't be read"),
    "launch.issuer_mismatch": N_("Issuer isn't the one registered"),
    "launch.audience_mismatch": N_("Client ID isn't the one registered"),
    "launch.audience_untrusted": N_("Token is for others as well"),
    "launch.authorized_party_missing": N_("Authorized party is missing"),
    "launch.authorized_party_mismatch": N_("Authorized party isn't us"),
    "launch.expiry_missing": N_("Token doesn't say when it ends"),
    "launch.expired": N_("Token's time was over"),
    "launch.issued_at_missing": N_("Token doesn't say when it began"),
    "launch.issued_in_future": N_("LMS's clock is ahead"),
    "launch.too_old": N_("LMS's clock is behind"),
    "launch.expiry_before_issue": N_("Token ends before it begins"),
    "launch.not_yet_valid": N_("Token isn't valid yet"),
    "launch.nonce_missing": N_("Nonce is missing"),
    "launch.nonce_mismatch": N_("Nonce isn't ours"),
    "launch.nonce_spent": N_("Launch was used before"),
    "launch.version_wrong": N_("LTI version isn't 1.3"),
    "launch.message_type_missing": N_("Message type is missing"),
    "launch.message_type_unknown": N_("Message type isn't known"),
    "launch.message_type_not_enabled": N_("Tool doesn't take this message"),
    "launch.deployment_missing": N_("Deployment ID is missing"),
    "launch.deployment_unknown": N_("Deployment isn't known"),
    "launch.deployment_waiting": N_("Deployment isn't approved"),
    "launch.deployment_blocked": N_("Deployment is blocked"),
    "launch.deployment_mismatch": N_("Deployment changed on the way"),
    "launch.target_link_missing": N_("Target link is missing"),
    "launch.target_link_mismatch": N_("Target link changed on the way"),
    "launch.target_link_foreign": N_("Target link isn't ours"),
    "launch.tool_not_registered": N_("Tool isn't registered here"),
    "launch.roles_missing": N_("Roles are missing"),
    "launch.resource_link_missing": N_("Resource link is missing"),
    "launch.subject_missing": N_("LMS doesn't say who it is"),
    "launch.subject_malformed": N_("Person's id can't be read"),
    "launch.context_malformed": N_("Course can't be read"),
    "launch.tool_platform_malformed": N_("LMS's own details can't be read"),
    "launch.deep_linking_settings_missing": N_("Deep linking settings are missing"),
    "launch.deep_linking_return_url": N_("Return address isn't the LMS's"),
    "launch.for_user_missing": N_("Reviewed person is missing"),
    "launch.database_unavailable": N_("Our database didn't answer"),
    "launch.still_changing": N_("Registration kept changing"),
}

ANOTHER = N_("Launches are refused")
"""For a code that a later version wrote."""

CHECKS: Mapping[str, str] = {
    "login.received": N_("Login received"),
    "login.client": N_("Registration found"),
    "state.signed": N_("Our state came back"),
    "state.browser": N_("Same browser"),
    "token.header": N_("Token and its algorithm"),
    "token.signature": N_("Signature"),
    "registration.active": N_("Registration is active"),
    "token.issuer": N_("Issuer"),
    "token.audience": N_("Client ID"),
    "token.authorized_party": N_("Authorized party"),
    "token.time": N_("Time"),
    "token.nonce": N_("Nonce"),
    "message.version": N_("LTI version"),
    "message.type": N_("Message type"),
    "message.deployment": N_("Deployment"),
    "message.target_link": N_("Target link"),
    "message.subject": N_("Person"),
    "message.roles": N_("Roles"),
    "message.context": N_("Course"),
    "message.services_ignored": N_("Addresses that aren't the LMS's were left out"),
    "message.complete": N_("Message is complete"),
}

CHANGES: Mapping[str, str] = {
    "draft.begun": N_("Begun"),
    "registration.added": N_("Added"),
    "registration.changed": N_("Changed"),
    "registration.disabled": N_("Switched off"),
    "registration.enabled": N_("Switched on"),
    "registration.deleted": N_("Put into the bin"),
    "registration.restored": N_("Taken out of the bin"),
    "deployment.requested": N_("Operator asked for the deployment"),
    "deployment.approved": N_("Deployment approved"),
    "deployment.blocked": N_("Deployment blocked"),
}


FIELDS: Mapping[str, str] = {
    "name": N_("Name"),
    "platform": N_("LMS platform"),
    "issuer": N_("Issuer ID URL"),
    "client_id": N_("Client ID"),
    "deployment_id": N_("Deployment ID"),
    "key_set_url": N_("Keyset URL"),
    "token_url": N_("Access token URL"),
    "authorization_url": N_("Platform authentication URL"),
    "token_audience": N_("Token audience"),
    "algorithms": N_("Algorithms"),
    "service_origins": N_("Further hosts"),
    "leeway": N_("Clock leeway"),
    "unknown_deployments": N_("Unknown deployments"),
}
"""What can be changed of a registration, as its history names it."""


def cause_of(code: str, translate: Callable[[str], str]) -> str:
    return translate(CAUSES.get(code, ANOTHER))


def check_of(name: str, translate: Callable[[str], str]) -> str:
    """A check that a later version made keeps its own name."""
    return translate(CHECKS[name]) if name in CHECKS else name
