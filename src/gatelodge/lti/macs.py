"""Message authentication codes of short texts, under keys that are used again and again."""

from hashlib import blake2b


def mac(key: bytes, message: bytes) -> bytes:
    """Keyed BLAKE2b of 256 bits (RFC 7693 section 2.9), for keys of up to 512 bits.

    One call and no more, where an HMAC takes four objects: a launch makes five.
    """
    return blake2b(message, digest_size=32, key=key).digest()
