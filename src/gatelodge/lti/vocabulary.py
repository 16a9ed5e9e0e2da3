"""Claim names, message types, roles and scopes, each spelled once.

LTI Core 1.3 sections 4.2, 5 and appendix A; the services' own specifications for the rest.
"""

from typing import Final

_CLAIM: Final = "https://purl.imsglobal.org/spec/lti/claim/"

MESSAGE_TYPE: Final = _CLAIM + "message_type"
VERSION: Final = _CLAIM + "version"
DEPLOYMENT_ID: Final = _CLAIM + "deployment_id"
TARGET_LINK_URI: Final = _CLAIM + "target_link_uri"
RESOURCE_LINK: Final = _CLAIM + "resource_link"
ROLES: Final = _CLAIM + "roles"
CONTEXT: Final = _CLAIM + "context"
TOOL_PLATFORM: Final = _CLAIM + "tool_platform"
ROLE_SCOPE_MENTOR: Final = _CLAIM + "role_scope_mentor"
LAUNCH_PRESENTATION: Final = _CLAIM + "launch_presentation"
LIS: Final = _CLAIM + "lis"
CUSTOM: Final = _CLAIM + "custom"
FOR_USER: Final = _CLAIM + "for_user"
AGS_ENDPOINT: Final = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NAMES_ROLES: Final = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
DEEP_LINKING_SETTINGS: Final = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"

LTI_VERSION: Final = "1.3.0"

RESOURCE_LINK_REQUEST: Final = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST: Final = "LtiDeepLinkingRequest"
SUBMISSION_REVIEW_REQUEST: Final = "LtiSubmissionReviewRequest"
MESSAGE_TYPES: Final = (RESOURCE_LINK_REQUEST, DEEP_LINKING_REQUEST, SUBMISSION_REVIEW_REQUEST)

LINE_ITEM_SCOPE: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
LINE_ITEM_READ_SCOPE: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
RESULT_READ_SCOPE: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCORE_SCOPE: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/score"

_VOCAB: Final = "http://purl.imsglobal.org/vocab/"
CONTEXT_ROLE: Final = _VOCAB + "lis/v2/membership#"
CONTEXT_SUB_ROLE: Final = _VOCAB + "lis/v2/membership/"
INSTITUTION_ROLE: Final = _VOCAB + "lis/v2/institution/person#"
SYSTEM_ROLE: Final = _VOCAB + "lis/v2/system/person#"
PERSON_ROLE: Final = _VOCAB + "lis/v2/person#"
LTI_SYSTEM_ROLE: Final = _VOCAB + "lti/system/person#"
CONTEXT_TYPE: Final = _VOCAB + "lis/v2/course#"
