"""Who may do what, and what is a name and a password worth having?"""

import ipaddress
import re
from enum import IntEnum, StrEnum

from meigara.domain.showing import has_hidden
from meigara.errors import InvalidAccount, InvalidPassword

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1_000
_FEWEST_CHARACTERS = 4  # that differ: twelve spaces are no password
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_ONE_PERSONS_NETWORK = 64  # bits: the smallest network of IPv6 that anybody is given
_LONGEST_TOKEN_NAME = 64


class Permission(IntEnum):
    """What a person or a program may do; each one includes those before it."""

    NOTHING = 0
    READ = 1
    OPERATE = 2
    ADMINISTER = 3


class Role(StrEnum):
    """What an account is for."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def permission(self) -> Permission:
        """The most that an account of this role may do."""
        return _PERMISSIONS[self]


class Scope(StrEnum):
    """What an API token is for."""

    READ = "read"
    OPERATE = "operate"
    ADMIN = "admin"

    @property
    def permission(self) -> Permission:
        """The most that a token of this scope may do, if its account may."""
        return _PERMISSIONS[self]


class TokenState(StrEnum):
    """Whether a token opens anything, and why not."""

    IN_FORCE = "in force"
    EXPIRED = "expired"
    REVOKED = "revoked"


_PERMISSIONS = {
    Role.VIEWER: Permission.READ,
    Role.OPERATOR: Permission.OPERATE,
    Role.ADMIN: Permission.ADMINISTER,
    Scope.READ: Permission.READ,
    Scope.OPERATE: Permission.OPERATE,
    Scope.ADMIN: Permission.ADMINISTER,
}


def least_role(permission: Permission) -> Role:
    """Return the role that is just enough for a permission."""
    return next(each for each in Role if each.permission >= permission)


def parse_account_name(text: str) -> str:
    """Return a name in its one spelling: small letters. Raises InvalidAccount."""
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        raise InvalidAccount(what=text[:80])
    return name


def ensure_password(text: str) -> None:
    """Raise InvalidPassword for what is too short, too long, or hardly more than one character."""
    is_long_enough = len(text.strip()) >= SHORTEST_PASSWORD and len(text) <= LONGEST_PASSWORD
    if not is_long_enough or len(set(text)) < _FEWEST_CHARACTERS:
        raise InvalidPassword(shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)


def parse_token_name(text: str) -> str:
    """Return what a token is to be called. Raises InvalidAccount."""
    name = text.strip()
    if not 0 < len(name) <= _LONGEST_TOKEN_NAME or has_hidden(name):
        raise InvalidAccount(what=text[:80])
    return name


def network_of(address: str) -> str:
    """Return what one person has of addresses: one of IPv4, a whole network of IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _ONE_PERSONS_NETWORK), strict=False))
