"""What the platform tells about people and access, and what compliance may ask of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from muniment.kernel.events import Event
from muniment.kernel.principal import PrincipalKind, RoleGrant


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Event):
    topic: ClassVar[str] = "identity.signed-in.v1"
    name: str
    how: str

    @property
    def subject(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRefused(Event):
    topic: ClassVar[str] = "identity.sign-in-refused.v1"
    name: str
    why: str

    @property
    def subject(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged(Event):
    """An account was created, changed, disabled; or its roles or tokens were."""

    topic: ClassVar[str] = "identity.account-changed.v1"
    name: str
    what: str
    actor: str

    @property
    def subject(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitiveRead(Event):
    """Somebody looked at something that its sensitivity makes worth recording."""

    topic: ClassVar[str] = "identity.sensitive-read.v1"
    what: str
    actor: str

    @property
    def subject(self) -> str:
        return self.what


@dataclass(frozen=True, slots=True)
class AccountFact:
    """One account, as compliance checks see it."""

    name: str
    kind: PrincipalKind
    roles: tuple[RoleGrant, ...]
    active: bool
    last_seen_at: datetime | None
    created_at: datetime
    password_age_days: float | None
    tokens: int
    tokens_without_expiry: int


class AccountReader(Protocol):
    async def account_facts(self) -> Sequence[AccountFact]: ...
