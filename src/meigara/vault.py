"""How is what a person entered kept secret: a key in a file, addresses of notices in the database?

The text is sealed by Fernet (AES-128-CBC with HMAC-SHA256). What opens it is a secret of the
settings, or else a random one in a file beside it, which its owner only can read.
"""

import base64
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from meigara.db.private import close_to_others, make_private_folder
from meigara.errors import SecretUnreadable

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

KEPT = "jquants-api-key"
_OPENER = "secret.key"


def keep(folder: Path, text: str, secret: str | None) -> None:
    """Seal a text and keep it; `secret` is that of the settings, None takes the file's."""
    _write(folder / KEPT, seal(folder, text, secret).encode())


def kept(folder: Path, secret: str | None) -> str | None:
    """Return the text that is kept, None if there is none. Raises SecretUnreadable."""
    file = folder / KEPT
    if not file.is_file():
        return None
    close_to_others(file)
    try:
        return unseal(folder, file.read_text("ascii"), secret)
    except (OSError, ValueError, SecretUnreadable):
        raise SecretUnreadable(file=file) from None


def seal(folder: Path, text: str, secret: str | None) -> str:
    """Return a text that nobody reads without the secret of the settings, or of the file."""
    make_private_folder(folder)
    if secret is None and not (folder / _OPENER).exists():
        _write(folder / _OPENER, _random())
    return _opener(folder, secret).encrypt(text.encode()).decode()


def unseal(folder: Path, sealed: str, secret: str | None) -> str:
    """Return the text that was sealed. Raises SecretUnreadable."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 - slow to load

    try:
        return _opener(folder, secret).decrypt(sealed).decode()
    except (InvalidToken, OSError, ValueError):
        raise SecretUnreadable(file=folder / _OPENER) from None


def keep_sealed_anew(folder: Path, seal_anew: Callable[[str], str]) -> bool:
    """Seal the text that is kept another way; return whether there is one."""
    file = folder / KEPT
    if not file.is_file():
        return False
    _write(file, seal_anew(file.read_text("ascii")).encode())
    return True


@contextmanager
def rotating(folder: Path, secret: str | None) -> Iterator[Callable[[str], str]]:
    """Give what seals a sealed text with a new secret; at the end the old one opens nothing.

    Of several secrets in the settings the first is the new one. A file gets a new random one; it
    holds both until the end, so that everything can be opened at any moment.

    Raises SecretUnreadable, also what is given.
    """
    file = folder / _OPENER
    new = _random()
    if secret is None and file.exists():
        _write(file, new + b"\n" + file.read_bytes())
    yield lambda sealed: seal(folder, unseal(folder, sealed, secret), secret)
    if secret is None and file.exists():
        _write(file, new)


def _opener(folder: Path, secret: str | None) -> "MultiFernet":
    """Return what seals with the newest secret and opens with any."""
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - slow to load

    if secret is None:
        close_to_others(folder / _OPENER)
        keys: Sequence[bytes] = (folder / _OPENER).read_bytes().split()
    else:
        keys = [_derived(each.strip()) for each in secret.split(",") if each.strip()]
    return MultiFernet([Fernet(key) for key in keys])


def _derived(secret: str) -> bytes:
    """Return the key that a long text stands for (HKDF, RFC 5869)."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - slow to load
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - slow to load

    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"meigara kept secrets")
    return base64.urlsafe_b64encode(derive.derive(secret.encode()))


def _random() -> bytes:
    from cryptography.fernet import Fernet  # noqa: PLC0415 - slow to load

    return Fernet.generate_key()


def _write(file: Path, content: bytes) -> None:
    """Write a file that its owner only can read, in one step."""
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(content)
    partial.replace(file)
