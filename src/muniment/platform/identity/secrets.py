"""How passwords and tokens are made and checked."""

import asyncio
import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from muniment.kernel.errors import Invalid

TOKEN_PREFIX = "mun_"  # noqa: S105  # a mark by which secret scanners know our tokens
MIN_PASSWORD = 10
MAX_PASSWORD = 512

_hasher = PasswordHasher()


async def hash_password(password: str) -> str:
    """Argon2id with the library's present parameters (RFC 9106, low memory); off the event loop."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(f"A password has at least {MIN_PASSWORD} characters.")
    return await asyncio.to_thread(_hasher.hash, password)


async def password_fits(password: str, stored: str | None) -> bool:
    """Compare; takes as long for an account without password, so that names cannot be probed."""
    known = stored or _NOBODY
    try:
        await asyncio.to_thread(_hasher.verify, known, password[:MAX_PASSWORD])
    except (Argon2Error, InvalidHashError):
        return False
    return stored is not None


_NOBODY = _hasher.hash(secrets.token_hex(16))


def new_token() -> str:
    """A bearer token with 256 bits of chance."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def new_code() -> str:
    return secrets.token_urlsafe(24)


def digest_of(secret: str) -> bytes:
    """What is stored of a token. It has 256 bits of chance, so a plain hash cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()
