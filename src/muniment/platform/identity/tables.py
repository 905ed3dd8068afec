"""Tables of accounts and of what they sign in with. Secrets are stored as hashes only."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from muniment.kernel.principal import PrincipalKind
from muniment.platform.tables import Base

MOMENT = sa.DateTime(timezone=True)


class Account(Base):
    """A person or a service."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[PrincipalKind] = mapped_column(
        sa.Enum(
            PrincipalKind, native_enum=False, values_callable=lambda kinds: [k.value for k in kinds]
        )
    )
    title: Mapped[str]
    password_hash: Mapped[str | None]
    password_set_at: Mapped[datetime | None] = mapped_column(MOMENT)
    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(MOMENT)
    last_seen_at: Mapped[datetime | None] = mapped_column(MOMENT)
    created_at: Mapped[datetime] = mapped_column(MOMENT, server_default=sa.func.now())
    version: Mapped[int] = mapped_column(default=1)


class RoleHeld(Base):
    """A role of an account in one domain, or in all (``*``)."""

    __tablename__ = "role_grant"

    account_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey(Account.id, ondelete="cascade"), primary_key=True
    )
    role: Mapped[str] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(primary_key=True)
    granted_by: Mapped[str]
    granted_at: Mapped[datetime] = mapped_column(MOMENT, server_default=sa.func.now())


class WebSession(Base):
    """A browser that is signed in."""

    __tablename__ = "web_session"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey(Account.id, ondelete="cascade"), index=True
    )
    expires_at: Mapped[datetime] = mapped_column(MOMENT)
    created_at: Mapped[datetime] = mapped_column(MOMENT, server_default=sa.func.now())


class SignInCode(Base):
    """A link that signs in once."""

    __tablename__ = "sign_in_code"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Account.id, ondelete="cascade"))
    expires_at: Mapped[datetime] = mapped_column(MOMENT)


class ServiceToken(Base):
    """A bearer token; ``hint`` is its end, so that people can tell tokens apart."""

    __tablename__ = "service_token"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey(Account.id, ondelete="cascade"), index=True
    )
    title: Mapped[str]
    digest: Mapped[bytes] = mapped_column(unique=True)
    hint: Mapped[str]
    scopes: Mapped[list[str] | None] = mapped_column(ARRAY(sa.Text))
    expires_at: Mapped[datetime | None] = mapped_column(MOMENT)
    last_used_at: Mapped[datetime | None] = mapped_column(MOMENT)
    revoked_at: Mapped[datetime | None] = mapped_column(MOMENT)
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(MOMENT, server_default=sa.func.now())
