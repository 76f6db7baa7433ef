"""Why did no answer come from J-Quants, in words for a person?"""

import httpx


def in_words(error: Exception, timeout: httpx.Timeout) -> str:
    """Return what went wrong on the way, in words that name no header."""
    if isinstance(error, httpx.ConnectTimeout):
        return f"no connection within {timeout.connect:g} s"
    if isinstance(error, httpx.TimeoutException):
        return f"no complete answer within {timeout.read:g} s"
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return f"no connection could be made ({error})"
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError | httpx.DecodingError):
        return "the connection was cut off"
    return f"the request could not be sent ({type(error).__name__})"
