"""Two payloads, written by hand from LTI Core 1.3 section 5 and its services: a teacher's launch and a student's.

They carry every claim that a resource link launch may have, with values that fit the vocabularies of appendix A. The
time is that of the tests' clock; the nonce is the login's, and is put in when the payload is played.
"""

TEACHER = """
{
  "iss": "https://platform.certification.example",
  "aud": "the-tool-at-this-platform",
  "azp": "the-tool-at-this-platform",
  "sub": "5b0d1f7e-teacher",
  "iat": 1800000000,
  "exp": 1800000300,
  "nonce": "",
  "given_name": "Theodora",
  "middle_name": "Anna",
  "family_name": "Bauer",
  "name": "Theodora Anna Bauer",
  "email": "theodora.bauer@school.example",
  "picture": "https://platform.certification.example/pictures/theodora.jpg",
  "locale": "en-GB",
  "https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiResourceLinkRequest",
  "https://purl.imsglobal.org/spec/lti/claim/version": "1.3.0",
  "https://purl.imsglobal.org/spec/lti/claim/deployment_id": "deployment-A",
  "https://purl.imsglobal.org/spec/lti/claim/target_link_uri": "https://lti.example/lti/hello/launch",
  "https://purl.imsglobal.org/spec/lti/claim/roles": [
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
  ],
  "https://purl.imsglobal.org/spec/lti/claim/resource_link": {
    "id": "link-31",
    "title": "Photosynthesis",
    "description": "What leaves do with light"
  },
  "https://purl.imsglobal.org/spec/lti/claim/context": {
    "id": "course-7c",
    "label": "7c",
    "title": "Biology, class 7c",
    "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseSection"]
  },
  "https://purl.imsglobal.org/spec/lti/claim/tool_platform": {
    "guid": "7e0a-certification",
    "name": "Certification Platform",
    "version": "9.1",
    "product_family_code": "certification",
    "url": "https://platform.certification.example",
    "description": "Plays every kind of launch",
    "contact_email": "help@platform.certification.example"
  },
  "https://purl.imsglobal.org/spec/lti/claim/launch_presentation": {
    "document_target": "iframe",
    "height": 600,
    "width": 800,
    "locale": "en-GB",
    "return_url": "https://platform.certification.example/courses/7c"
  },
  "https://purl.imsglobal.org/spec/lti/claim/lis": {
    "person_sourcedid": "staff:1204",
    "course_offering_sourcedid": "offering:bio-7",
    "course_section_sourcedid": "section:bio-7c"
  },
  "https://purl.imsglobal.org/spec/lti/claim/custom": {
    "chapter": "light",
    "due": "$ResourceLink.submission.endDateTime",
    "nothing": ""
  },
  "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
    "scope": [
      "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
      "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
      "https://purl.imsglobal.org/spec/lti-ags/scope/score"
    ],
    "lineitems": "https://platform.certification.example/courses/7c/lineitems",
    "lineitem": "https://platform.certification.example/courses/7c/lineitems/31"
  },
  "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
    "context_memberships_url": "https://platform.certification.example/courses/7c/members",
    "service_versions": ["2.0"]
  },
  "https://platform.certification.example/claims/weather": {"today": ["sun", 21.5, null, true]}
}
"""

STUDENT = """
{
  "iss": "https://platform.certification.example",
  "aud": ["the-tool-at-this-platform"],
  "sub": "9a44c2d0-student",
  "iat": 1800000000,
  "exp": 1800000060,
  "nonce": "",
  "given_name": "Şebnem",
  "family_name": "Öztürk",
  "name": "Şebnem Öztürk",
  "email": "sebnem@school.example",
  "locale": "tr",
  "https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiResourceLinkRequest",
  "https://purl.imsglobal.org/spec/lti/claim/version": "1.3.0",
  "https://purl.imsglobal.org/spec/lti/claim/deployment_id": "deployment-A",
  "https://purl.imsglobal.org/spec/lti/claim/target_link_uri": "https://lti.example/lti/hello/launch",
  "https://purl.imsglobal.org/spec/lti/claim/roles": [
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
  ],
  "https://purl.imsglobal.org/spec/lti/claim/resource_link": {"id": "link-31"},
  "https://purl.imsglobal.org/spec/lti/claim/context": {"id": "course-7c"},
  "https://purl.imsglobal.org/spec/lti/claim/launch_presentation": {"document_target": "window"}
}
"""

DEEP_LINKING = """
{
  "iss": "https://platform.certification.example",
  "aud": "the-tool-at-this-platform",
  "sub": "5b0d1f7e-teacher",
  "iat": 1800000000,
  "exp": 1800000300,
  "nonce": "",
  "https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiDeepLinkingRequest",
  "https://purl.imsglobal.org/spec/lti/claim/version": "1.3.0",
  "https://purl.imsglobal.org/spec/lti/claim/deployment_id": "deployment-A",
  "https://purl.imsglobal.org/spec/lti/claim/target_link_uri": "https://lti.example/lti/hello/launch",
  "https://purl.imsglobal.org/spec/lti/claim/roles": [
    "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
  ],
  "https://purl.imsglobal.org/spec/lti/claim/context": {"id": "course-7c"},
  "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": {
    "deep_link_return_url": "https://platform.certification.example/courses/7c/choose",
    "accept_types": ["link", "file", "html", "ltiResourceLink", "image"],
    "accept_media_types": "image/*,text/html",
    "accept_presentation_document_targets": ["iframe", "window", "embed"],
    "accept_multiple": true,
    "accept_lineitem": false,
    "auto_create": true,
    "title": "Choose for class 7c",
    "text": "Anything about light",
    "data": "csrf:4bc0;v=1"
  }
}
"""
