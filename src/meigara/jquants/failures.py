"""Why did no answer come from J-Quants, in words for a person?"""

import httpx

from meigara.errors import Reason
from meigara.jquants.refusals import printable


def in_words(error: Exception, timeout: httpx.Timeout, key: str) -> Reason:
    """Return what went wrong on the way, in words that name no header and never the key."""
    if isinstance(error, httpx.ConnectTimeout):
        return Reason("no connection within {seconds:g} s", seconds=timeout.connect)
    if isinstance(error, httpx.TimeoutException):
        return Reason("no complete answer within {seconds:g} s", seconds=timeout.read)
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return Reason("no connection could be made ({error})", error=printable(str(error), key))
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError | httpx.DecodingError):
        return Reason("the connection was cut off")
    return Reason("the request could not be sent ({error})", error=type(error).__name__)
