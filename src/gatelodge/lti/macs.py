"""Message authentication codes of short texts, under keys that are used again and again."""

import hmac
from functools import lru_cache


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104).

    What depends on the key alone is done once. And `hmac.digest` lets other threads run while it
    works, however short the text is: under load a launch would wait for them five times.
    """
    made = _keyed(key).copy()
    made.update(message)
    return made.digest()


@lru_cache(maxsize=8192)
def _keyed(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")
