"""How is shown to people what could open something? By the part that opens nothing."""

from urllib.parse import parse_qsl, urlsplit

HIDDEN = "***"
SHORTEST_SHOWN = 12
"""Of a shorter key nothing is shown: its end would be too much of it."""


def end_of(key: str) -> str:
    """Return the last four characters of a key, by which its owner knows it; "" of a short one."""
    return key[-4:] if len(key) >= SHORTEST_SHOWN else ""


def scheme_and_host(address: str) -> str:
    """Return where an address leads, and nothing of what is said there."""
    scheme, parted, rest = address.partition("://")
    place = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
    return f"{scheme}://{place}" if parted else address


def without_secrets(address: str) -> str:
    """Return an address without the name, the password and the values of its query."""
    try:
        parts = urlsplit(address)
        query = "&".join(f"{name}={HIDDEN}" for name, _ in parse_qsl(parts.query, True))
    except ValueError:
        return HIDDEN
    who, at, host = parts.netloc.rpartition("@")
    shown = f"{HIDDEN}@{host}" if at and who else host
    return parts._replace(netloc=shown, query=query, fragment="").geturl()
