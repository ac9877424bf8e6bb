"""Whose servers are believed to be who they say."""

import ssl
from functools import lru_cache


@lru_cache
def trusted() -> ssl.SSLContext:
    """The certificates of the world, or those of ``SSL_CERT_FILE`` or ``SSL_CERT_DIR``, for every HTTP client of this
    process: each would read them again otherwise, and that is nearly all of what making a client costs.

    Raises OSError where that file can't be read.
    """
    import httpx

    return httpx.create_ssl_context()
