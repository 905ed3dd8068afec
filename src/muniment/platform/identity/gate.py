"""Turns what a request carries into a principal, without asking the database each time."""

import time
from collections import OrderedDict
from dataclasses import dataclass, field

from muniment.kernel.errors import Unauthenticated
from muniment.kernel.principal import Principal
from muniment.platform.db import Database
from muniment.platform.identity.repository import AccountRepository
from muniment.platform.identity.secrets import TOKEN_PREFIX, digest_of

SECONDS = 5.0
SIZE = 2048


@dataclass(slots=True)
class AccountGate:
    """Remembers each answer for five seconds, so a revoked token works no longer than that."""

    database: Database
    _known: OrderedDict[bytes, tuple[float, Principal]] = field(default_factory=OrderedDict)

    async def principal_of_token(self, secret: str) -> Principal:
        """The holder of a bearer token; Unauthenticated when it is unknown, expired or revoked."""
        if not secret.startswith(TOKEN_PREFIX):
            raise Unauthenticated("This is not a Muniment token; they begin with mun_.")
        digest = digest_of(secret)
        if (known := self._remembered(digest)) is not None:
            return known
        async with self.database.writing() as session:
            accounts = AccountRepository(session)
            found = await accounts.by_token(digest)
            if found is None:
                raise Unauthenticated("The token is unknown, expired or revoked. Issue a new one.")
            account, token = found
            await accounts.mark_seen(account.id, token.id)
            scopes = frozenset(token.scopes) if token.scopes is not None else None
            return self._remember(digest, await accounts.principal(account, scopes))

    async def principal_of_session(self, secret: str) -> Principal:
        """The person behind a session cookie; Unauthenticated when the session has ended."""
        digest = digest_of(secret)
        if (known := self._remembered(digest)) is not None:
            return known
        async with self.database.writing() as session:
            accounts = AccountRepository(session)
            account = await accounts.by_session(digest)
            if account is None:
                raise Unauthenticated("Your session has ended. Sign in again.")
            await accounts.mark_seen(account.id, None)
            return self._remember(digest, await accounts.principal(account))

    def forget(self) -> None:
        """Ask anew from now on; called when an account, role, session or token changed."""
        self._known.clear()

    def _remembered(self, digest: bytes) -> Principal | None:
        kept = self._known.get(digest)
        if kept is None or kept[0] < time.monotonic():
            return None
        return kept[1]

    def _remember(self, digest: bytes, principal: Principal) -> Principal:
        self._known[digest] = (time.monotonic() + SECONDS, principal)
        self._known.move_to_end(digest)
        while len(self._known) > SIZE:
            self._known.popitem(last=False)
        return principal
