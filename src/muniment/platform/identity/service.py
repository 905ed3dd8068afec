"""What can be done with accounts: sign in, grant roles, issue tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from muniment.contracts.identity import AccountChanged, AccountFact, SignedIn, SignInRefused
from muniment.kernel.clock import Clock
from muniment.kernel.errors import Conflict, Invalid, NotFound, StaleVersion, Unauthenticated
from muniment.kernel.events import Outbox
from muniment.kernel.ids import new_id
from muniment.kernel.principal import ANY_DOMAIN, Principal, PrincipalKind, RoleGrant
from muniment.platform.identity.repository import AccountRepository
from muniment.platform.identity.secrets import (
    digest_of,
    hash_password,
    new_code,
    new_token,
    password_fits,
)
from muniment.platform.identity.tables import Account, ServiceToken, SignInCode, WebSession
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy.roles import PERMISSIONS, ROLES

CODE_LIFE = timedelta(minutes=30)
LOCK_AFTER = 8
LOCK_TIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account with its roles, as it is shown."""

    account: Account
    roles: tuple[RoleGrant, ...]


@dataclass(frozen=True, slots=True)
class IdentityService:
    accounts: AccountRepository
    outbox: Outbox
    clock: Clock
    caller: Principal

    async def create(
        self,
        name: str,
        *,
        title: str = "",
        kind: PrincipalKind = PrincipalKind.USER,
        password: str | None = None,
        roles: Sequence[RoleGrant] = (),
    ) -> AccountView:
        """A new account; Conflict when the name is taken, Invalid for an unknown role."""
        _check_roles(roles)
        if await self.accounts.by_name(name) is not None:
            raise Conflict(f"There is an account called {name} already.", name=name)
        account = Account(
            id=new_id(),
            name=name,
            kind=kind,
            title=title or name,
            password_hash=await hash_password(password) if password else None,
            password_set_at=self.clock.now() if password else None,
        )
        self.accounts.session.add(account)
        await self.accounts.session.flush()
        await self.accounts.set_roles(account.id, roles, by=self.caller.name)
        await self._told(account, "created")
        return await self._view(account)

    async def page(self, query: PageQuery) -> Page[AccountView]:
        page = await self.accounts.page(query)
        roles = await self.accounts.roles_of([account.id for account in page.items])
        return page.map(lambda account: AccountView(account, roles[account.id]))

    async def get(self, account_id: UUID) -> AccountView:
        return await self._view(await self._known(account_id))

    async def change(
        self,
        account_id: UUID,
        *,
        expected: int | None = None,
        title: str | None = None,
        active: bool | None = None,
        password: str | None = None,
        roles: Sequence[RoleGrant] | None = None,
    ) -> AccountView:
        """Change what is given; the last administrator can be neither demoted nor disabled."""
        account = await self._known(account_id)
        if expected is not None and expected != account.version:
            raise StaleVersion("Somebody changed this account since you read it. Read it again.")
        if title is not None:
            account.title = title
        if password is not None:
            account.password_hash = await hash_password(password)
            account.password_set_at = self.clock.now()
            await self.accounts.end_sessions_of(account.id)
        if active is not None:
            account.active = active
            if not active:
                await self.accounts.end_sessions_of(account.id)
        if roles is not None:
            _check_roles(roles)
            await self.accounts.set_roles(account.id, roles, by=self.caller.name)
        account.version += 1
        await self.accounts.session.flush()
        if (roles is not None or active is False) and await self.accounts.administrators() == 0:
            raise Conflict(
                "This would leave Muniment without an administrator. Name another first."
            )
        given = {"title": title, "active": active, "password": password, "roles": roles}
        changed = [name for name, value in given.items() if value is not None]
        await self._told(account, f"changed {', '.join(changed)}")
        return await self._view(account)

    async def sign_in(self, name: str, password: str) -> Account | None:
        """The account when the password fits, None when not. Repeated failures lock for minutes.

        A refusal is returned, not raised, so that its count and its audit event are kept.
        """
        account = await self.accounts.by_name(name, lock=True)
        locked = (
            account is not None
            and account.locked_until is not None
            and account.locked_until > self.clock.now()
        )
        fits = await password_fits(password, account.password_hash if account else None)
        if account is None or locked or not fits or not account.active:
            if account is not None:
                account.failures += 1
                if account.failures >= LOCK_AFTER:
                    account.locked_until = self.clock.now() + LOCK_TIME
                    account.failures = 0
            why = "locked" if locked else "wrong name or password"
            await self.outbox.publish(SignInRefused(name=name[:200], why=why))
            return None
        account.failures = 0
        await self.outbox.publish(SignedIn(name=account.name, how="password"))
        return account

    async def sign_in_with_code(self, code: str) -> Account:
        """Use a one-time link; Unauthenticated when it was used, is too old or never was."""
        account = await self.accounts.use_code(digest_of(code))
        if account is None or not account.active:
            raise Unauthenticated(
                "This sign-in link was used before or is too old. "
                "Make another with `muniment sign-in-link`, or sign in with a password."
            )
        await self.outbox.publish(SignedIn(name=account.name, how="link"))
        return account

    async def open_session(self, account: Account, *, hours: float) -> str:
        """A session secret for a browser's cookie."""
        secret = new_token()
        account.last_seen_at = self.clock.now()
        self.accounts.session.add(
            WebSession(
                digest=digest_of(secret),
                account_id=account.id,
                expires_at=self.clock.now() + timedelta(hours=hours),
            )
        )
        return secret

    async def end_session(self, secret: str) -> None:
        await self.accounts.end_session(digest_of(secret))

    async def sign_in_code(self, name: str) -> str:
        """A code for a link that signs ``name`` in once within half an hour."""
        account = await self.accounts.by_name(name)
        if account is None:
            raise NotFound(f"There is no account called {name}.", name=name)
        code = new_code()
        self.accounts.session.add(
            SignInCode(
                digest=digest_of(code),
                account_id=account.id,
                expires_at=self.clock.now() + CODE_LIFE,
            )
        )
        await self._told(account, "sign-in link made")
        return code

    async def issue_token(
        self,
        account_id: UUID,
        *,
        title: str,
        scopes: Sequence[str] | None,
        expires_at: datetime | None,
    ) -> tuple[ServiceToken, str]:
        """A token and its secret, which is shown this once."""
        account = await self._known(account_id)
        unknown = sorted(set(scopes or ()) - PERMISSIONS)
        if unknown:
            raise Invalid(
                f"Not a scope: {', '.join(unknown)}. Known are {', '.join(sorted(PERMISSIONS))}."
            )
        if expires_at is not None and expires_at <= self.clock.now():
            raise Invalid("The token would have expired already. Give a later moment.")
        secret = new_token()
        token = ServiceToken(
            id=new_id(),
            account_id=account.id,
            title=title,
            digest=digest_of(secret),
            hint=secret[-4:],
            scopes=sorted(scopes) if scopes is not None else None,
            expires_at=expires_at,
            created_by=self.caller.name,
            created_at=self.clock.now(),
        )
        self.accounts.session.add(token)
        await self._told(account, f"token {title} issued")
        return token, secret

    async def tokens(self, account_id: UUID) -> Sequence[ServiceToken]:
        await self._known(account_id)
        return await self.accounts.tokens_of(account_id)

    async def revoke_token(self, token_id: UUID) -> None:
        token = await self.accounts.revoke_token(token_id)
        if token is None:
            raise NotFound("There is no such token, or it was revoked before.")
        account = await self._known(token.account_id)
        await self._told(account, f"token {token.title} revoked")

    async def account_facts(self) -> Sequence[AccountFact]:
        """Implements ``contracts.identity.AccountReader``."""
        rows = await self.accounts.facts()
        roles = await self.accounts.roles_of([row[0].id for row in rows])
        now = self.clock.now()
        return [
            AccountFact(
                name=account.name,
                kind=account.kind,
                roles=roles[account.id],
                active=account.active,
                last_seen_at=account.last_seen_at,
                created_at=account.created_at,
                password_age_days=(now - account.password_set_at).total_seconds() / 86400
                if account.password_set_at
                else None,
                tokens=tokens,
                tokens_without_expiry=endless,
            )
            for account, tokens, endless in rows
        ]

    async def ensure_administrator(self, name: str = "admin") -> bool:
        """Make the first administrator of an empty installation; True when it was made now."""
        if await self.accounts.administrators() > 0:
            return False
        await self.create(name, title="Administrator", roles=[RoleGrant("administrator")])
        return True

    async def _known(self, account_id: UUID) -> Account:
        account = await self.accounts.by_id(account_id)
        if account is None:
            raise NotFound("There is no such account.", account=str(account_id))
        return account

    async def _view(self, account: Account) -> AccountView:
        return AccountView(account, (await self.accounts.roles_of([account.id]))[account.id])

    async def _told(self, account: Account, what: str) -> None:
        await self.outbox.publish(
            AccountChanged(name=account.name, what=what, actor=self.caller.name)
        )


def _check_roles(roles: Sequence[RoleGrant]) -> None:
    unknown = sorted({grant.role for grant in roles} - set(ROLES))
    if unknown:
        raise Invalid(f"Not a role: {', '.join(unknown)}. Known are {', '.join(ROLES)}.")
    if any(not grant.domain for grant in roles):
        raise Invalid(f"A role needs a domain, or {ANY_DOMAIN} for all.")
