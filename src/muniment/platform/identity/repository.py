"""All SQL of accounts, sessions and tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from muniment.kernel.principal import Principal, RoleGrant
from muniment.platform.identity.tables import (
    Account,
    RoleHeld,
    ServiceToken,
    SignInCode,
    WebSession,
)
from muniment.platform.paging import Page, PageQuery, page_by


@dataclass(frozen=True, slots=True)
class AccountRepository:
    session: AsyncSession

    async def by_id(self, account_id: UUID) -> Account | None:
        return await self.session.get(Account, account_id)

    async def by_name(self, name: str, *, lock: bool = False) -> Account | None:
        statement = sa.select(Account).where(Account.name == name)
        if lock:
            statement = statement.with_for_update()
        return await self.session.scalar(statement)

    async def page(self, query: PageQuery) -> Page[Account]:
        return await page_by(self.session, sa.select(Account), Account.name, query=query)

    async def roles_of(self, accounts: Sequence[UUID]) -> Mapping[UUID, tuple[RoleGrant, ...]]:
        rows = await self.session.execute(
            sa.select(RoleHeld.account_id, RoleHeld.role, RoleHeld.domain)
            .where(RoleHeld.account_id.in_(accounts))
            .order_by(RoleHeld.role, RoleHeld.domain)
        )
        held: dict[UUID, list[RoleGrant]] = {account: [] for account in accounts}
        for account, role, domain in rows:
            held[account].append(RoleGrant(role, domain))
        return {account: tuple(grants) for account, grants in held.items()}

    async def principal(self, account: Account, scopes: frozenset[str] | None = None) -> Principal:
        roles = (await self.roles_of([account.id]))[account.id]
        return Principal(account.id, account.name, account.kind, roles, scopes)

    async def set_roles(self, account_id: UUID, roles: Sequence[RoleGrant], *, by: str) -> None:
        """Replace what an account holds; what stays keeps its date."""
        kept = [(grant.role, grant.domain) for grant in roles]
        await self.session.execute(
            sa.delete(RoleHeld).where(
                RoleHeld.account_id == account_id,
                sa.tuple_(RoleHeld.role, RoleHeld.domain).not_in(kept),
            )
        )
        if kept:
            rows = [
                {"account_id": account_id, "role": role, "domain": domain, "granted_by": by}
                for role, domain in kept
            ]
            await self.session.execute(insert(RoleHeld).values(rows).on_conflict_do_nothing())

    async def administrators(self) -> int:
        """How many active people may manage everything."""
        return (
            await self.session.scalar(
                sa.select(sa.func.count(sa.distinct(Account.id)))
                .join(RoleHeld, RoleHeld.account_id == Account.id)
                .where(Account.active, RoleHeld.role == "administrator", RoleHeld.domain == "*")
            )
        ) or 0

    async def by_session(self, digest: bytes) -> Account | None:
        return await self.session.scalar(
            sa.select(Account)
            .join(WebSession, WebSession.account_id == Account.id)
            .where(
                WebSession.digest == digest, WebSession.expires_at > sa.func.now(), Account.active
            )
        )

    async def by_token(self, digest: bytes) -> tuple[Account, ServiceToken] | None:
        row = (
            await self.session.execute(
                sa.select(Account, ServiceToken)
                .join(ServiceToken, ServiceToken.account_id == Account.id)
                .where(
                    ServiceToken.digest == digest,
                    ServiceToken.revoked_at.is_(None),
                    sa.or_(
                        ServiceToken.expires_at.is_(None), ServiceToken.expires_at > sa.func.now()
                    ),
                    Account.active,
                )
            )
        ).one_or_none()
        return None if row is None else (row[0], row[1])

    async def mark_seen(self, account_id: UUID, token_id: UUID | None) -> None:
        """Remember the use, at most once a minute."""
        stale = sa.func.now() - sa.text("interval '1 minute'")
        await self.session.execute(
            sa.update(Account)
            .where(
                Account.id == account_id,
                sa.or_(Account.last_seen_at.is_(None), Account.last_seen_at < stale),
            )
            .values(last_seen_at=sa.func.now())
        )
        if token_id is not None:
            await self.session.execute(
                sa.update(ServiceToken)
                .where(
                    ServiceToken.id == token_id,
                    sa.or_(ServiceToken.last_used_at.is_(None), ServiceToken.last_used_at < stale),
                )
                .values(last_used_at=sa.func.now())
            )

    async def use_code(self, digest: bytes) -> Account | None:
        """Take a sign-in code: the delete decides who was first."""
        account_id = await self.session.scalar(
            sa.delete(SignInCode)
            .where(SignInCode.digest == digest, SignInCode.expires_at > sa.func.now())
            .returning(SignInCode.account_id)
        )
        return None if account_id is None else await self.by_id(account_id)

    async def end_session(self, digest: bytes) -> None:
        await self.session.execute(sa.delete(WebSession).where(WebSession.digest == digest))

    async def end_sessions_of(self, account_id: UUID) -> None:
        await self.session.execute(sa.delete(WebSession).where(WebSession.account_id == account_id))

    async def tokens_of(self, account_id: UUID) -> Sequence[ServiceToken]:
        rows = await self.session.scalars(
            sa.select(ServiceToken)
            .where(ServiceToken.account_id == account_id)
            .order_by(ServiceToken.id.desc())
        )
        return rows.all()

    async def revoke_token(self, token_id: UUID) -> ServiceToken | None:
        return await self.session.scalar(
            sa.update(ServiceToken)
            .where(ServiceToken.id == token_id, ServiceToken.revoked_at.is_(None))
            .values(revoked_at=sa.func.now())
            .returning(ServiceToken)
        )

    async def forget_expired(self, now: datetime) -> None:
        """Delete sessions and codes that can no longer be used."""
        await self.session.execute(sa.delete(WebSession).where(WebSession.expires_at < now))
        await self.session.execute(sa.delete(SignInCode).where(SignInCode.expires_at < now))

    async def facts(self) -> Sequence[Any]:
        """One row per account with its token counts."""
        alive = sa.and_(
            ServiceToken.revoked_at.is_(None),
            sa.or_(ServiceToken.expires_at.is_(None), ServiceToken.expires_at > sa.func.now()),
        )
        endless = sa.and_(alive, ServiceToken.expires_at.is_(None))
        rows = await self.session.execute(
            sa.select(
                Account,
                sa.func.count(ServiceToken.id).filter(alive).label("tokens"),
                sa.func.count(ServiceToken.id).filter(endless).label("endless"),
            )
            .outerjoin(ServiceToken, ServiceToken.account_id == Account.id)
            .group_by(Account.id)
            .order_by(Account.name)
        )
        return rows.all()
