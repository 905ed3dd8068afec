"""The key that signs checkpoints: Ed25519, its private half sealed by the vault."""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from muniment.compliance.audit.repository import AuditRepository
from muniment.kernel.errors import Invalid
from muniment.platform.vault import SealedSecret, Vault

BOUND_TO = "compliance.audit-key"


@dataclass(frozen=True, slots=True)
class SigningKey:
    private: Ed25519PrivateKey

    @property
    def public(self) -> Ed25519PublicKey:
        return self.private.public_key()

    @property
    def key_id(self) -> str:
        return key_id_of(self.public)

    def sign(self, content: bytes) -> bytes:
        return self.private.sign(content)


@dataclass(frozen=True, slots=True)
class KeyKeeper:
    """Keeps the one signing key of an installation; makes it when there is none."""

    repository: AuditRepository
    vault: Vault

    async def signing_key(self) -> SigningKey:
        """The key to sign with, made at the first call; Unavailable under a wrong master key."""
        known = await self.find()
        if known is not None:
            return known
        made = SigningKey(Ed25519PrivateKey.generate())
        raw = made.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        sealed = self.vault.seal(raw, bound_to=BOUND_TO)
        await self.repository.add_key(
            made.key_id, public_raw(made.public), sealed.model_dump(mode="json")
        )
        return made

    async def find(self) -> SigningKey | None:
        """The key, when there is one. Opened by the vault, so a row put in its place is refused."""
        stored = await self.repository.key()
        if stored is None:
            return None
        raw = self.vault.open(SealedSecret.model_validate(stored), bound_to=BOUND_TO)
        return SigningKey(Ed25519PrivateKey.from_private_bytes(raw))


def public_raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id_of(key: Ed25519PublicKey) -> str:
    """Names a public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public_raw(key)).hexdigest()[:16]


def to_pem(key: Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def from_pem(text: str) -> Ed25519PublicKey:
    """Read a public key; Invalid when it is none of ours."""
    try:
        key = load_pem_public_key(text.encode())
    except ValueError as error:
        raise Invalid("The key file does not hold a public key in PEM form.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise Invalid("The key file holds a key of another kind; an Ed25519 key is needed.")
    return key
