"""How is an address shown to people? Without what opens anything."""

from urllib.parse import parse_qsl, urlsplit

HIDDEN = "***"


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
