"""One row per launch, good or broken, with the outcome it must have.

Three readers use this list: the menu of the simulated LMS, the tests, and the reference of
errors. What needs a long wait (a state older than ten minutes) is not here.
"""

from collections.abc import Iterable

from gatelodge.lti import vocabulary as v
from gatelodge.simulator import signing
from gatelodge.simulator.changes import (
    added_audience,
    audience_and_party,
    audience_as_list,
    both,
    ended_with,
    instead,
    moved,
    put,
    put_into,
    renamed,
    tampered,
    twice,
    with_field,
    with_fields,
    without,
    without_field,
    without_member,
)
from gatelodge.simulator.config import Purpose
from gatelodge.simulator.scenario import Group, Message, Route, Scenario

_UNKNOWN_DEPLOYMENT = "a-new-course-area"
_FOREIGN = "https://elsewhere.example/launch"

GOOD = Group(
    "good",
    "Launches that open the tool",
    "Unusual, and right all the same: a gateway that refuses one of these is too strict.",
    (
        Scenario(
            slug="plain",
            title="An ordinary launch",
            sentence="A signed message as the standard describes it, with name and e-mail.",
        ),
        Scenario(
            slug="login-by-get",
            title="The login comes as an address, not as a form",
            sentence="Both are allowed; some LMSs put the login's parameters into the address.",
            login_method="get",
        ),
        Scenario(
            slug="login-without-deployment",
            title="The login doesn't name the deployment",
            sentence="It is optional there: the signed message names it later.",
            login=without_field("lti_deployment_id"),
        ),
        Scenario(
            slug="login-canvas-spelling",
            title="The login spells the deployment as Canvas does",
            sentence="It says deployment_id instead of lti_deployment_id.",
            login=renamed("lti_deployment_id", "deployment_id"),
        ),
        Scenario(
            slug="login-extra-parameters",
            title="The login carries parameters nobody knows",
            sentence="What isn't understood is ignored.",
            login=with_fields(canvas_region="eu-west-1", colour="green"),
        ),
        Scenario(
            slug="no-name",
            title="Neither name nor e-mail",
            sentence="The LMS sends only a number for the person, to protect their privacy.",
            claims=without("name", "given_name", "family_name", "email"),
        ),
        Scenario(
            slug="email-only",
            title="An e-mail address, but no name",
            sentence="The tool is free to greet somebody without a name.",
            claims=without("name", "given_name", "family_name"),
        ),
        Scenario(
            slug="unicode-name",
            title="A name from many alphabets",
            sentence="Accents, Cyrillic, Arabic, Chinese, an emoji and a sharp bracket.",
            claims=put(
                {
                    "name": "Zoë <Łęcka> Мария فاطمة 小明 🦉",
                    "given_name": "Zoë Мария",
                    "family_name": "<Łęcka> فاطمة 小明",
                }
            ),
        ),
        Scenario(
            slug="no-context",
            title="Outside of any course",
            sentence="The link stands on the front page, so no course is sent.",
            claims=without(v.CONTEXT),
        ),
        Scenario(
            slug="short-context-type",
            title="The course's type in its short form",
            sentence="CourseSection instead of the full name, as Moodle sends it.",
            claims=put_into(v.CONTEXT, type=["CourseSection"]),
        ),
        Scenario(
            slug="untitled-link",
            title="A link without a title",
            sentence="Only its id is required.",
            claims=both(
                without_member(v.RESOURCE_LINK, "title"),
                without_member(v.RESOURCE_LINK, "description"),
            ),
        ),
        Scenario(
            slug="empty-roles",
            title="An empty list of roles",
            sentence="Allowed; the person has no rights in the course.",
            claims=put({v.ROLES: []}),
        ),
        Scenario(
            slug="short-roles",
            title="Roles in their short form",
            sentence="Learner instead of the full name, as older LMSs send it.",
            claims=put({v.ROLES: ["Learner"]}),
        ),
        Scenario(
            slug="unknown-role",
            title="A role nobody knows",
            sentence="It is kept, and gives no rights.",
            claims=put({v.ROLES: ["https://northfield.example/roles#Librarian"]}),
        ),
        Scenario(
            slug="several-roles",
            title="Several roles at once",
            sentence="A learner here, staff of the school, and an assistant of the teacher.",
            claims=put(
                {
                    v.ROLES: [
                        v.CONTEXT_ROLE + "Learner",
                        v.CONTEXT_SUB_ROLE + "Instructor#TeachingAssistant",
                        v.INSTITUTION_ROLE + "Staff",
                    ]
                }
            ),
        ),
        Scenario(
            slug="mentor-claim-without-role",
            title="A list of mentored people from somebody who is no mentor",
            sentence="The list must not be sent; it is ignored, and the launch is good.",
            claims=put({v.ROLE_SCOPE_MENTOR: ["4", "5"]}),
        ),
        Scenario(
            slug="audience-list",
            title="The audience as a list of one",
            sentence="One client id in a list means the same as the client id alone.",
            claims=audience_as_list,
        ),
        Scenario(
            slug="extra-claims",
            title="Claims nobody knows",
            sentence="Other makers add their own; what isn't understood is ignored.",
            claims=put(
                {
                    "https://northfield.example/claims/house": {"name": "Owls", "points": 41.5},
                    "zoneinfo": "Europe/Lisbon",
                }
            ),
        ),
        Scenario(
            slug="custom-numbers",
            title="Custom values that are numbers",
            sentence="They should be texts; several LMSs send numbers, true and empty values.",
            claims=put({v.CUSTOM: {"chapter": 7, "graded": True, "due": None, "hint": ""}}),
        ),
        Scenario(
            slug="custom-unfilled",
            title="Custom values the LMS didn't fill in",
            sentence="A dollar sign at the front says: this LMS doesn't know that variable.",
            claims=put({v.CUSTOM: {"due": "$ResourceLink.submission.endDateTime"}}),
        ),
        Scenario(
            slug="plain-return-address",
            title="A return address without https",
            sentence="The address is ignored where https is demanded; the launch is good.",
            claims=put_into(v.LAUNCH_PRESENTATION, return_url="http://northfield.example/return"),
        ),
        Scenario(
            slug="services",
            title="Roster and grades are offered",
            sentence="The message says where the course's members and grades are to be had.",
            offers_services=True,
        ),
        Scenario(
            slug="clock-ahead",
            title="The LMS's clock is 45 seconds fast",
            sentence="Clocks differ a little; a minute is forgiven.",
            claims=moved(iat=45, exp=105),
        ),
        Scenario(
            slug="clock-behind",
            title="The LMS's clock is 45 seconds slow",
            sentence="The token's time is just over; a minute is forgiven.",
            claims=moved(iat=-45, exp=-15),
        ),
        Scenario(
            slug="new-key",
            title="Signed with a key that is a moment old",
            sentence="The LMS has a new key; the gateway fetches the key set once more.",
            sign=signing.after_rotation,
        ),
        Scenario(
            slug="deep-linking",
            title="A teacher chooses content",
            sentence="A deep linking request: no link yet, and a place to return the choice to.",
            message=Message.DEEP_LINKING,
        ),
        Scenario(
            slug="deep-linking-without-roles",
            title="Choosing content, and no roles are sent",
            sentence="Only here may the roles be missing.",
            message=Message.DEEP_LINKING,
            claims=without(v.ROLES),
        ),
        Scenario(
            slug="submission-review",
            title="A submission is reviewed",
            sentence="A submission review request, from the gradebook straight to one work.",
            message=Message.SUBMISSION_REVIEW,
        ),
        Scenario(
            slug="review-without-link",
            title="A submission that belongs to no link",
            sentence="The gradebook's column was made by hand, so there is no resource link.",
            message=Message.SUBMISSION_REVIEW,
            claims=without(v.RESOURCE_LINK),
        ),
        Scenario(
            slug="anonymous",
            title="Nobody in particular, and the tool takes that",
            sentence="No person is named at all; this tool was added for anonymous launches.",
            tool=Purpose.LINKS_ONLY,
            claims=without("sub", "name", "given_name", "family_name", "email"),
        ),
    ),
)

LOGIN = Group(
    "login",
    "The login before the launch",
    "Nothing is signed yet; the gateway must find out who is asking, and guess nothing.",
    (
        Scenario(
            slug="login-without-hint",
            title="The login doesn't say for whom",
            sentence="login_hint is missing.",
            expected="login.parameter_missing",
            login=without_field("login_hint"),
        ),
        Scenario(
            slug="login-without-target",
            title="The login doesn't say where to",
            sentence="target_link_uri is missing.",
            expected="login.parameter_missing",
            login=without_field("target_link_uri"),
        ),
        Scenario(
            slug="login-unknown-issuer",
            title="An LMS nobody has registered",
            sentence="The issuer is one the gateway has never heard of.",
            expected="login.issuer_unknown",
            login=with_field("iss", "https://lms.southbank.example"),
        ),
        Scenario(
            slug="login-issuer-slash",
            title="A slash too many",
            sentence="The issuer ends in a slash here and doesn't in the registration.",
            expected="login.issuer_unknown",
            login=ended_with("iss", "/"),
        ),
        Scenario(
            slug="login-issuer-invisible",
            title="A character nobody sees",
            sentence="A zero-width space was pasted behind the issuer.",
            expected="login.issuer_unknown",
            login=ended_with("iss", "\u200b"),
        ),
        Scenario(
            slug="login-unknown-client",
            title="A client id nobody has registered",
            sentence="The issuer is known, the client id isn't.",
            expected="login.client_unknown",
            login=with_field("client_id", "not-the-one"),
        ),
        Scenario(
            slug="login-without-client",
            title="Which of the registrations?",
            sentence="No client id is sent, and this LMS is registered more than once.",
            expected="login.client_ambiguous",
            beside=Purpose.UNREACHABLE_KEYS,
            login=without_field("client_id"),
        ),
        Scenario(
            slug="login-foreign-target",
            title="The way leads somewhere else",
            sentence="The target link is on another server: an open redirector would go there.",
            expected="login.target_link_foreign",
            login=with_field("target_link_uri", _FOREIGN),
        ),
        Scenario(
            slug="login-long-deployment",
            title="A deployment id of 300 characters",
            sentence="255 are allowed.",
            expected="login.deployment_malformed",
            login=with_field("lti_deployment_id", "d" * 300),
        ),
        Scenario(
            slug="login-with-state",
            title="The login tries to set the state",
            sentence="State, nonce and redirect address are the gateway's to choose.",
            expected="login.parameter_forbidden",
            login=with_field("state", "chosen-by-somebody-else"),
        ),
        Scenario(
            slug="login-repeated",
            title="Two client ids in one login",
            sentence="Two readers might each take the other one.",
            expected="login.parameter_repeated",
            login=twice("client_id", "another-one"),
        ),
        Scenario(
            slug="login-long-hint",
            title="A hint of 9,000 characters",
            sentence="Long hints are normal; this one is too long.",
            expected="login.parameter_too_long",
            login=with_field("login_hint", "h" * 9_000),
        ),
        Scenario(
            slug="login-control-character",
            title="A control character in the client id",
            sentence="No address and no id has one.",
            expected="login.parameter_malformed",
            login=ended_with("client_id", "\x1f"),
        ),
        Scenario(
            slug="login-storage-script",
            title="A script where a frame's name belongs",
            sentence="The storage target must be the plain name of a frame.",
            expected="login.storage_target_malformed",
            login=with_field("lti_storage_target", "<script>alert(1)</script>"),
        ),
        Scenario(
            slug="old-lti",
            title="A launch of LTI 1.1",
            sentence="Somebody chose the old version in the LMS's settings of the tool.",
            expected="login.old_lti",
            login=instead(
                ("lti_message_type", "basic-lti-launch-request"),
                ("lti_version", "LTI-1p0"),
                ("oauth_consumer_key", "northfield"),
                ("oauth_nonce", "5f1c0a"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_signature", "c2lnbmF0dXJl"),
                ("resource_link_id", "11"),
            ),
        ),
    ),
)

ANSWER = Group(
    "answer",
    "The form that brings the launch",
    "The LMS's answer comes through the browser, where much can get lost on the way.",
    (
        Scenario(
            slug="error-login-required",
            title="The LMS says: not signed in",
            sentence="Instead of a token comes the error login_required.",
            expected="launch.platform_session_ended",
            form=instead(("error", "login_required"), keeping="state"),
        ),
        Scenario(
            slug="error-access-denied",
            title="The LMS says: not allowed",
            sentence="Instead of a token comes the error access_denied, with a reason.",
            expected="launch.platform_error",
            form=instead(
                ("error", "access_denied"),
                ("error_description", "The activity opens on Monday."),
                keeping="state",
            ),
        ),
        Scenario(
            slug="no-token",
            title="Neither token nor error",
            sentence="The form carries nothing but the state.",
            expected="launch.token_missing",
            form=without_field("id_token"),
        ),
        Scenario(
            slug="no-state",
            title="The state is missing",
            sentence="Without it nobody can tell which login this answers.",
            expected="launch.state_missing",
            form=without_field("state"),
        ),
        Scenario(
            slug="changed-state",
            title="The state was changed",
            sentence="One character of it is another one.",
            expected="launch.state_invalid",
            form=tampered("state"),
        ),
        Scenario(
            slug="two-tokens",
            title="Two tokens in one form",
            sentence="Two readers might each take the other one.",
            expected="launch.form_malformed",
            form=twice("id_token", "e30.e30.e30"),
        ),
        Scenario(
            slug="by-get",
            title="The token comes in the address",
            sentence="Addresses end up in histories and logs; a launch has to be posted.",
            expected="launch.not_posted",
            form_method="get",
        ),
        Scenario(
            slug="too-large",
            title="A launch of 300 kilobytes",
            sentence="Somebody put a whole book into a custom parameter.",
            expected="launch.too_large",
            claims=put_into(v.CUSTOM, book="x" * 230_000),
        ),
    ),
)

SIGNATURE = Group(
    "signature",
    "Signature and keys",
    "Who really sent this? Only the key set that was registered can tell.",
    (
        Scenario(
            slug="changed-after-signing",
            title="Changed after it was signed",
            sentence="Somebody on the way made the student a teacher.",
            expected="launch.signature_invalid",
            sign=signing.then_changed(**{v.ROLES: [v.CONTEXT_ROLE + "Instructor"]}),
        ),
        Scenario(
            slug="wrong-key",
            title="Signed with another key",
            sentence="It says the right key's id, but another key made the signature.",
            expected="launch.signature_invalid",
            sign=signing.with_unpublished_key,
        ),
        Scenario(
            slug="smuggled-key",
            title="The token brings its own key",
            sentence="A key in the token's header proves nothing and is never looked at.",
            expected="launch.signature_invalid",
            sign=signing.with_smuggled_key,
        ),
        Scenario(
            slug="unknown-key",
            title="A key nobody has published",
            sentence="The key id isn't in the LMS's key set, even when it is fetched again.",
            expected="launch.key_unknown",
            sign=signing.with_header(kid="key-of-another-day"),
        ),
        Scenario(
            slug="no-key-id",
            title="No key id",
            sentence="The token doesn't say which key made the signature.",
            expected="launch.key_id_missing",
            sign=signing.with_header(kid=None),
        ),
        Scenario(
            slug="encryption-key",
            title="A key that is meant for encryption",
            sentence="It stands in the key set, but it isn't for signatures.",
            expected="launch.key_unfit",
            sign=signing.with_encryption_key,
        ),
        Scenario(
            slug="algorithm-none",
            title="No signature at all",
            sentence="The token says that it isn't signed, and hopes to be believed.",
            expected="launch.algorithm_none",
            sign=signing.not_at_all,
        ),
        Scenario(
            slug="algorithm-hs256",
            title="Signed with the public key as a password",
            sentence="HS256 takes a shared secret; here it is the key that everybody knows.",
            expected="launch.algorithm_symmetric",
            sign=signing.with_public_key_as_secret,
        ),
        Scenario(
            slug="algorithm-rs512",
            title="An algorithm that wasn't agreed",
            sentence="RS512 is sound, but the registration says RS256.",
            expected="launch.algorithm_refused",
            sign=signing.with_longer_digest,
        ),
        Scenario(
            slug="critical-header",
            title="A demand nobody understands",
            sentence="The header names an extension that must be understood, and isn't.",
            expected="launch.header_critical",
            sign=signing.with_header(crit=["northfield"], northfield="yes"),
        ),
        Scenario(
            slug="cut-token",
            title="Half a token",
            sentence="The signature was lost on the way.",
            expected="launch.token_malformed",
            sign=signing.cut_in_half,
        ),
        Scenario(
            slug="encrypted-token",
            title="An encrypted token",
            sentence="LTI knows signed tokens only.",
            expected="launch.token_malformed",
            sign=signing.encrypted,
        ),
        Scenario(
            slug="twin-members",
            title="Two answers to one question",
            sentence="The signed message names the person twice, each time another one.",
            expected="launch.token_malformed",
            sign=signing.with_twin_members,
        ),
        Scenario(
            slug="key-set-unreachable",
            title="The key set can't be fetched",
            sentence="Nobody answers at the address that was registered for the LMS's keys.",
            expected="launch.key_set_unreachable",
            tool=Purpose.UNREACHABLE_KEYS,
        ),
        Scenario(
            slug="key-set-is-a-page",
            title="The key set is a web page",
            sentence="The address that was registered for the LMS's keys shows a page for people.",
            expected="launch.key_set_invalid",
            tool=Purpose.KEYS_ARE_A_PAGE,
        ),
    ),
)

TOKEN = Group(
    "token",
    "For whom, by whom and when",
    "A sound signature, on something that isn't for this gateway, or not for now.",
    (
        Scenario(
            slug="wrong-issuer",
            title="Issued by another LMS",
            sentence="The token names another LMS than the login did.",
            expected="launch.issuer_mismatch",
            claims=put({"iss": "https://lms.southbank.example"}),
        ),
        Scenario(
            slug="wrong-audience",
            title="Made for another tool",
            sentence="The audience is another client id.",
            expected="launch.audience_mismatch",
            claims=put({"aud": "another-tool"}),
        ),
        Scenario(
            slug="two-audiences-no-party",
            title="Two audiences, and nobody says whose it is",
            sentence="With several audiences the token must say who may use it.",
            expected="launch.authorized_party_missing",
            claims=added_audience("somebody-else"),
        ),
        Scenario(
            slug="foreign-audience",
            title="An audience nobody trusts",
            sentence="The token is for this gateway, and for somebody else too.",
            expected="launch.audience_untrusted",
            claims=audience_and_party,
        ),
        Scenario(
            slug="foreign-party",
            title="Somebody else may use it",
            sentence="The audience is right, but another client is said to be authorized.",
            expected="launch.authorized_party_mismatch",
            claims=put({"azp": "another-tool"}),
        ),
        Scenario(
            slug="expired",
            title="The token has expired",
            sentence="Its time was over ten minutes ago.",
            expected="launch.expired",
            claims=moved(iat=-660, exp=-600),
        ),
        Scenario(
            slug="no-expiry",
            title="The token never expires",
            sentence="exp is missing.",
            expected="launch.expiry_missing",
            claims=without("exp"),
        ),
        Scenario(
            slug="expiry-as-text",
            title="The expiry is a text",
            sentence="exp has to be a number of seconds.",
            expected="launch.expiry_missing",
            claims=put({"exp": "tomorrow"}),
        ),
        Scenario(
            slug="no-issue-time",
            title="Nobody knows when it was made",
            sentence="iat is missing.",
            expected="launch.issued_at_missing",
            claims=without("iat"),
        ),
        Scenario(
            slug="from-the-future",
            title="Made in the future",
            sentence="The LMS's clock is ten minutes fast.",
            expected="launch.issued_in_future",
            claims=moved(iat=600, exp=660),
        ),
        Scenario(
            slug="too-old",
            title="Made an hour before the login",
            sentence="Still valid, but it can't be the answer to this login.",
            expected="launch.too_old",
            claims=moved(iat=-3_600, exp=300),
        ),
        Scenario(
            slug="expiry-before-issue",
            title="Over before it was made",
            sentence="exp lies before iat.",
            expected="launch.expiry_before_issue",
            claims=moved(exp=-5),
        ),
        Scenario(
            slug="not-yet-valid",
            title="Not valid yet",
            sentence="nbf lies ten minutes in the future.",
            expected="launch.not_yet_valid",
            claims=moved(nbf=600),
        ),
        Scenario(
            slug="no-nonce",
            title="No nonce",
            sentence="Nothing ties the token to this login.",
            expected="launch.nonce_missing",
            claims=without("nonce"),
        ),
        Scenario(
            slug="wrong-nonce",
            title="The nonce of another login",
            sentence="The token answers a question that this gateway didn't ask here.",
            expected="launch.nonce_mismatch",
            claims=put({"nonce": "the-nonce-of-another-login"}),
        ),
    ),
)

MESSAGE = Group(
    "message",
    "The message itself",
    "Signed, for this gateway and in time, but LTI asks for more.",
    (
        Scenario(
            slug="wrong-version",
            title="Another version of LTI",
            sentence="It says 1.1.0 where 1.3.0 belongs.",
            expected="launch.version_wrong",
            claims=put({v.VERSION: "1.1.0"}),
        ),
        Scenario(
            slug="no-version",
            title="No version",
            sentence="Every message says 1.3.0.",
            expected="launch.version_wrong",
            claims=without(v.VERSION),
        ),
        Scenario(
            slug="no-message-type",
            title="No message type",
            sentence="Nobody knows what the LMS wants.",
            expected="launch.message_type_missing",
            claims=without(v.MESSAGE_TYPE),
        ),
        Scenario(
            slug="unknown-message-type",
            title="A message type nobody knows",
            sentence="LtiTimeTravelRequest isn't taken for an ordinary launch.",
            expected="launch.message_type_unknown",
            claims=put({v.MESSAGE_TYPE: "LtiTimeTravelRequest"}),
        ),
        Scenario(
            slug="unwanted-message-type",
            title="A message the tool doesn't take",
            sentence="A deep linking request for a tool that was added for links only.",
            expected="launch.message_type_not_enabled",
            message=Message.DEEP_LINKING,
            tool=Purpose.LINKS_ONLY,
        ),
        Scenario(
            slug="no-deployment",
            title="No deployment id",
            sentence="The message doesn't say where in the LMS the tool is placed.",
            expected="launch.deployment_missing",
            claims=without(v.DEPLOYMENT_ID),
        ),
        Scenario(
            slug="long-deployment",
            title="A deployment id of 300 characters",
            sentence="255 are allowed.",
            expected="launch.deployment_missing",
            login=without_field("lti_deployment_id"),
            claims=put({v.DEPLOYMENT_ID: "d" * 300}),
        ),
        Scenario(
            slug="other-deployment",
            title="Another deployment than at the login",
            sentence="Login and message must name the same one.",
            expected="launch.deployment_mismatch",
            login=with_field("lti_deployment_id", "the-deployment-of-the-login"),
        ),
        Scenario(
            slug="unknown-deployment",
            title="A deployment nobody has approved",
            sentence="The LMS's administrator placed the tool once more; it waits for approval.",
            expected="launch.deployment_waiting",
            login=with_field("lti_deployment_id", _UNKNOWN_DEPLOYMENT),
            claims=put({v.DEPLOYMENT_ID: _UNKNOWN_DEPLOYMENT}),
        ),
        Scenario(
            slug="no-target",
            title="No target link",
            sentence="The message doesn't say where to.",
            expected="launch.target_link_missing",
            claims=without(v.TARGET_LINK_URI),
        ),
        Scenario(
            slug="foreign-target",
            title="A target link on another server",
            sentence="Even signed, the way may not lead away from the tool.",
            expected="launch.target_link_foreign",
            claims=put({v.TARGET_LINK_URI: _FOREIGN}),
        ),
        Scenario(
            slug="other-target",
            title="Another target link than at the login",
            sentence="The login asked for page 1 of the tool, the message doesn't.",
            expected="launch.target_link_mismatch",
            login=ended_with("target_link_uri", "?page=1"),
        ),
        Scenario(
            slug="no-roles",
            title="No roles",
            sentence="An empty list would do, but the list has to be there.",
            expected="launch.roles_missing",
            claims=without(v.ROLES),
        ),
        Scenario(
            slug="roles-as-text",
            title="The roles are no list",
            sentence="One role as a text instead of a list.",
            expected="launch.roles_missing",
            claims=put({v.ROLES: v.CONTEXT_ROLE + "Learner"}),
        ),
        Scenario(
            slug="no-resource-link",
            title="No resource link",
            sentence="Nobody knows which link was clicked.",
            expected="launch.resource_link_missing",
            claims=without(v.RESOURCE_LINK),
        ),
        Scenario(
            slug="resource-link-without-id",
            title="A resource link without an id",
            sentence="A title alone doesn't say which link it is.",
            expected="launch.resource_link_missing",
            claims=without_member(v.RESOURCE_LINK, "id"),
        ),
        Scenario(
            slug="no-subject",
            title="Nobody in particular",
            sentence="No person is named, and this tool takes nobody unknown.",
            expected="launch.subject_missing",
            claims=without("sub"),
        ),
        Scenario(
            slug="long-subject",
            title="A person's id of 300 characters",
            sentence="255 are allowed.",
            expected="launch.subject_malformed",
            claims=put({"sub": "3" * 300}),
        ),
        Scenario(
            slug="subject-as-number",
            title="A person's id that is a number",
            sentence="It has to be a text, even when it looks like a number.",
            expected="launch.subject_malformed",
            claims=put({"sub": 3}),
        ),
        Scenario(
            slug="context-without-id",
            title="A course without an id",
            sentence="A course may be missing; if it is there, it has an id.",
            expected="launch.context_malformed",
            claims=without_member(v.CONTEXT, "id"),
        ),
        Scenario(
            slug="platform-without-guid",
            title="An LMS that describes itself without its id",
            sentence="tool_platform is there, its guid is missing.",
            expected="launch.tool_platform_malformed",
            claims=without_member(v.TOOL_PLATFORM, "guid"),
        ),
        Scenario(
            slug="no-deep-linking-settings",
            title="Choosing content, and nobody says what kind",
            sentence="The settings of the deep linking request are missing.",
            expected="launch.deep_linking_settings_missing",
            message=Message.DEEP_LINKING,
            claims=without(v.DEEP_LINKING_SETTINGS),
        ),
        Scenario(
            slug="foreign-content-return",
            title="The choice has no address to go back to",
            sentence="The return address is half an address, without server and https.",
            expected="launch.deep_linking_return_url",
            message=Message.DEEP_LINKING,
            claims=put_into(v.DEEP_LINKING_SETTINGS, deep_link_return_url="/content"),
        ),
        Scenario(
            slug="review-of-nobody",
            title="A review of nobody's work",
            sentence="The submission review request doesn't say whose work it is.",
            expected="launch.for_user_missing",
            message=Message.SUBMISSION_REVIEW,
            claims=without(v.FOR_USER),
        ),
    ),
)

REGISTRATION = Group(
    "registration",
    "Registrations",
    "The message is right; what the gateway knows about this LMS isn't.",
    (
        Scenario(
            slug="switched-off",
            title="A registration that is switched off",
            sentence="An administrator has disabled it on the gateway.",
            expected="launch.registration_disabled",
            tool=Purpose.SWITCHED_OFF,
        ),
        Scenario(
            slug="other-tool",
            title="Another tool than the one that was registered",
            sentence="The deployment belongs to one tool, and the link leads to another.",
            expected="launch.tool_not_registered",
            tool=Purpose.OTHER_TOOL,
        ),
    ),
)

BROWSER = Group(
    "browser",
    "Browsers, cookies and second tries",
    "A launch is for one browser, and for once.",
    (
        Scenario(
            slug="sent-twice",
            title="The same form is sent twice",
            sentence="The first time the tool opens; then the very same form is sent again.",
            expected="launch.nonce_spent",
            route=Route.FORM_AGAIN,
        ),
        Scenario(
            slug="reloaded",
            title="Reload after the launch",
            sentence="The tool opens; then the LMS's page is loaded again and makes a new token "
            "for the same login.",
            expected="launch.nonce_spent",
            route=Route.TOKEN_AGAIN,
        ),
        Scenario(
            slug="cookies-blocked",
            title="The browser keeps no cookies",
            sentence="The launch arrives in a frame that has no cookie of the gateway's.",
            expected="launch.proof_missing",
            route=Route.BEGUN_ELSEWHERE,
        ),
        Scenario(
            slug="passed-on",
            title="A launch passed on to another browser",
            sentence="Somebody else began the login; this browser has a cookie of its own.",
            expected="launch.proof_foreign",
            route=Route.SWAPPED,
        ),
    ),
)

GROUPS = (GOOD, LOGIN, ANSWER, SIGNATURE, TOKEN, MESSAGE, REGISTRATION, BROWSER)
SCENARIOS = tuple(scenario for group in GROUPS for scenario in group.scenarios)
PLAIN = GOOD.scenarios[0]
DEEP_LINKING = next(each for each in SCENARIOS if each.slug == "deep-linking")
SUBMISSION_REVIEW = next(each for each in SCENARIOS if each.slug == "submission-review")


def scenario_by_slug(slug: str) -> Scenario | None:
    return next((scenario for scenario in SCENARIOS if scenario.slug == slug), None)


def groups_for(purposes: Iterable[Purpose]) -> list[Group]:
    """The menu for the tools that are placed here; what can't be shown is left out."""
    placed = frozenset(purposes)
    menu = []
    for group in GROUPS:
        possible = tuple(each for each in group.scenarios if each.is_possible_with(placed))
        if possible:
            menu.append(Group(group.slug, group.title, group.sentence, possible))
    return menu
