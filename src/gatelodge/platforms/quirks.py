"""The closed list of oddities that a login or a launch has to live with.

A quirk has a name here and in the entries of the LMSs that have it; what is done about it is in `lti`.
"""

QUIRKS = {
    "account_context": "The context can be an account of the institution instead of a course.",
    "context_type_short_names": "The context type is a bare word, such as CourseSection, and no URI.",
    "custom_keys_lower_cased": "Names of custom parameters arrive in lower case, whatever was typed.",
    "custom_variables_unresolved": "A variable that the LMS can't fill arrives as its own name, such as $User.id.",
    "deployment_id_parameter": "The login names the deployment in deployment_id, not in lti_deployment_id.",
    "deployment_id_varies": "One tool launches with a different deployment id from course to course.",
    "error_post_extra_fields": "A refusal is posted with error and state, no id_token, and form fields of the LMS's own.",
    "key_algorithm_missing": "Keys in the key set don't name their algorithm.",
    "key_padding": "Numbers in the key set end with base64 padding.",
    "resource_link_id_repeats": "Several links of a course, or the course itself, share one resource link id.",
    "role_addresses_malformed": "A role can be an address that no vocabulary has.",
    "role_short_names": "Roles are bare words, such as Instructor, mixed with URIs.",
    "roles_empty": "The list of roles can be empty for a signed-in person.",
    "storage_target_at_login_only": "The name of the storage frame is sent at login and not again at launch.",
    "storage_target_in_query": "The name of the storage frame is added to the query of our own addresses.",
    "token_lives_one_minute": "The id_token expires after 60 seconds, so a clock that is off is noticed first here.",
}
