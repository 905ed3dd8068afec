"""Envelope encryption: each secret has a data key of its own, wrapped by the master key.

AES-256-GCM (NIST SP 800-38D) twice: the data key encrypts the secret, the master key encrypts the
data key. Both are bound to what the secret belongs to, so that a row copied to another place does
not open there.
"""

import base64
import os
import secrets
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict

from muniment.kernel.errors import Unavailable

KEY_BYTES = 32
NONCE_BYTES = 12


class SealedSecret(BaseModel):
    """What is stored; every part base64. ``key_id`` names the master key that wrapped it."""

    model_config = ConfigDict(frozen=True)

    key_id: str
    wrapped_key: str
    nonce: str
    ciphertext: str


class Vault:
    """Seals and opens with one master key."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise Unavailable(
                f"The master key must have {KEY_BYTES} bytes; restore it from a backup."
            )
        self._master = AESGCM(master_key)
        self._own = master_key
        digest = Hash(SHA256())
        digest.update(b"muniment master key id" + master_key)
        self.key_id = digest.finalize()[:8].hex()

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Open with the key in a file (mode 0600), which is made when there is none."""
        try:
            return cls(_read_or_make(path))
        except OSError as error:
            raise Unavailable(
                f"The master key {path} cannot be read or written. "
                "Check that its directory exists and belongs to the user that runs Muniment."
            ) from error

    def seal(self, plain: bytes, *, bound_to: str) -> SealedSecret:
        """Encrypt ``plain``; it opens only with the same ``bound_to``."""
        data_key = AESGCM.generate_key(bit_length=8 * KEY_BYTES)
        nonce = os.urandom(NONCE_BYTES)
        wrap_nonce = os.urandom(NONCE_BYTES)
        about = bound_to.encode()
        wrapped = wrap_nonce + self._master.encrypt(wrap_nonce, data_key, about)
        return SealedSecret(
            key_id=self.key_id,
            wrapped_key=_text(wrapped),
            nonce=_text(nonce),
            ciphertext=_text(AESGCM(data_key).encrypt(nonce, plain, about)),
        )

    def derived_key(self, purpose: str) -> bytes:
        """A key for one purpose, always the same with this master key and telling nothing of it."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(self._own)

    def open(self, sealed: SealedSecret, *, bound_to: str) -> bytes:
        """The secret again; Unavailable when it was sealed by another key or for something else."""
        about = bound_to.encode()
        wrapped = base64.b64decode(sealed.wrapped_key)
        try:
            data_key = self._master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], about)
            return AESGCM(data_key).decrypt(
                base64.b64decode(sealed.nonce), base64.b64decode(sealed.ciphertext), about
            )
        except InvalidTag as error:
            raise Unavailable(
                "A stored secret cannot be opened with the present master key. Restore the key "
                "file that belongs to this database, or enter the credentials again.",
                sealed_by=sealed.key_id,
                present_key=self.key_id,
            ) from error


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _read_or_make(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(os.urandom(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link fails when the file is there already: of two processes one key wins.
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()
    return path.read_bytes()
