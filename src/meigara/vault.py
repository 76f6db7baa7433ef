"""Where is a key kept that a person entered? In a file that nobody reads without a second one.

The text is sealed by Fernet (AES-128-CBC with HMAC-SHA256). What opens it is a secret of the
settings, or else a random one in a file beside it, which its owner only can read.
"""

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from meigara.errors import SecretUnreadable

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

KEPT = "jquants-api-key"
_OPENER = "secret.key"


def keep(folder: Path, text: str, secret: str | None) -> None:
    """Seal a text and keep it; `secret` is that of the settings, None takes the file's."""
    folder.mkdir(parents=True, exist_ok=True)
    if secret is None and not (folder / _OPENER).exists():
        _write(folder / _OPENER, _random())
    sealed = _opener(folder, secret).encrypt(text.encode())
    _write(folder / KEPT, sealed)


def kept(folder: Path, secret: str | None) -> str | None:
    """Return the text that is kept, None if there is none. Raises SecretUnreadable."""
    file = folder / KEPT
    if not file.is_file():
        return None
    from cryptography.fernet import InvalidToken  # noqa: PLC0415 - slow to load

    try:
        return _opener(folder, secret).decrypt(file.read_bytes()).decode()
    except (InvalidToken, OSError, ValueError):
        raise SecretUnreadable(file=file) from None


def rotate(folder: Path, secret: str | None) -> bool:
    """Seal what is kept with a new secret; return whether anything was.

    Of several secrets in the settings the first is the new one. A file gets a new random one; it
    holds both until the text is sealed anew, so that it can be opened at any moment.

    Raises SecretUnreadable.
    """
    text = kept(folder, secret)
    if text is None:
        return False
    if secret is None:
        old = (folder / _OPENER).read_bytes()
        new = _random()
        _write(folder / _OPENER, new + b"\n" + old)
        keep(folder, text, None)
        _write(folder / _OPENER, new)
    else:
        keep(folder, text, secret)
    return True


def _opener(folder: Path, secret: str | None) -> "MultiFernet":
    """Return what seals with the newest secret and opens with any."""
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - slow to load

    if secret is None:
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
