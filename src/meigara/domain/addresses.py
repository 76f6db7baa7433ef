"""How is an address shown to people? Without what opens anything."""

from urllib.parse import parse_qsl, urlsplit

HIDDEN = "***"


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
