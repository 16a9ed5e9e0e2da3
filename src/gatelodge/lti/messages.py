"""What each message type must carry beside what all messages carry."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from gatelodge.lti.claims import (
    AddressRules,
    Claims,
    DeepLinkingSettings,
    ForUser,
    read_deep_linking_settings,
    read_for_user,
)
from gatelodge.lti.vocabulary import (
    DEEP_LINKING_REQUEST,
    RESOURCE_LINK_REQUEST,
    SUBMISSION_REVIEW_REQUEST,
)


class MessageParts(Struct, frozen=True, gc=False):
    """The parts that only some message types have."""

    deep_linking: DeepLinkingSettings | None = None
    for_user: ForUser | None = None


_NO_PARTS = MessageParts()


class MessageRules(Struct, frozen=True, gc=False):
    roles_required: bool
    resource_link_required: bool
    read_parts: Callable[[Claims, AddressRules], MessageParts]


def _nothing_more(_claims: Claims, _addresses: AddressRules) -> MessageParts:
    return _NO_PARTS


def _deep_linking(claims: Claims, addresses: AddressRules) -> MessageParts:
    return MessageParts(deep_linking=read_deep_linking_settings(claims, addresses))


def _submission_review(claims: Claims, _addresses: AddressRules) -> MessageParts:
    return MessageParts(for_user=read_for_user(claims))


MESSAGES: Final[Mapping[str, MessageRules]] = {
    # CORE 5.3
    RESOURCE_LINK_REQUEST: MessageRules(
        roles_required=True, resource_link_required=True, read_parts=_nothing_more
    ),
    # DL 4.4: no resource link yet, and roles may be missing (4.4.9)
    DEEP_LINKING_REQUEST: MessageRules(
        roles_required=False, resource_link_required=False, read_parts=_deep_linking
    ),
    # SR 3: the resource link is there when the line item is coupled to one
    SUBMISSION_REVIEW_REQUEST: MessageRules(
        roles_required=True, resource_link_required=False, read_parts=_submission_review
    ),
}
