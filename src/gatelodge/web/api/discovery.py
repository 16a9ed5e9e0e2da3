"""What a tool's library asks first: where things are, and with which keys we sign."""

from typing import Any

from gatelodge.services.addresses import Addresses


def discovery_document(addresses: Addresses) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0 section 3, and RFC 8414 section 2.

    There is no authorization endpoint: a code comes with a launch, which the LMS begins.
    """
    return {
        "issuer": addresses.base,
        "token_endpoint": addresses.token,
        "jwks_uri": addresses.tools_key_set,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": ["openid"],
        "claims_supported": [
            "sub",
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "email",
            "picture",
            "locale",
        ],
        "authorization_response_iss_parameter_supported": True,
    }
