"""How is a password kept? As an Argon2id hash, with its own salt and costs.

The costs are those that OWASP names for 19 MiB: a flood of sign-ins shall not fill the memory of a
small machine. A hash of other costs is made anew when its password is seen.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from meigara.domain.access import LONGEST_PASSWORD


def hash_of(password: str) -> str:
    """Return what is kept of a password. It takes a moment, on purpose."""
    return _hasher().hash(password)


def is_hash_of(hashed: str, password: str) -> bool:
    """Say whether this is the hash of that password. It takes a moment, on purpose."""
    try:
        return _hasher().verify(hashed, password[: LONGEST_PASSWORD + 1])
    except (Argon2Error, InvalidHashError):
        return False


def has_other_costs(hashed: str) -> bool:
    """Say whether a hash was made with other costs than those of today."""
    return _hasher().check_needs_rehash(hashed)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
