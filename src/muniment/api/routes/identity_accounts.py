"""/accounts, /roles, /tokens: who may use Muniment, and with what."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from muniment.api.deps import Running, reading, writing
from muniment.api.etags import IfMatch, expected_version, set_etag
from muniment.api.problems import may_fail
from muniment.api.routes.identity_session import RoleOut
from muniment.api.security import permit
from muniment.kernel.errors import Conflict, NotFound, StaleVersion
from muniment.kernel.principal import ANY_DOMAIN, PrincipalKind, RoleGrant
from muniment.platform.identity.service import AccountView, IdentityService
from muniment.platform.paging import Page, PageQuery
from muniment.platform.policy.roles import ROLE_TITLES, ROLES

router = APIRouter(tags=["platform"])

Identity = Annotated[IdentityService, reading(lambda unit: unit.identity)]
IdentityToChange = Annotated[IdentityService, writing(lambda unit: unit.identity)]


class RoleIn(BaseModel):
    role: str
    domain: str = ANY_DOMAIN


class AccountOut(BaseModel):
    id: UUID
    name: str
    title: str
    kind: PrincipalKind
    active: bool
    roles: list[RoleOut]
    last_seen_at: datetime | None
    created_at: datetime
    version: int

    @classmethod
    def of(cls, view: AccountView) -> "AccountOut":
        account = view.account
        return cls(
            id=account.id,
            name=account.name,
            title=account.title,
            kind=account.kind,
            active=account.active,
            roles=[RoleOut(role=grant.role, domain=grant.domain) for grant in view.roles],
            last_seen_at=account.last_seen_at,
            created_at=account.created_at,
            version=account.version,
        )


class AccountIn(BaseModel):
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._@-]{1,99}$", examples=["ada.lovelace"])
    title: str = Field(default="", max_length=200)
    kind: PrincipalKind = PrincipalKind.USER
    password: str | None = Field(default=None, min_length=10, max_length=512)
    roles: list[RoleIn] = Field(default_factory=list, max_length=200)


class AccountPatch(BaseModel):
    title: str | None = Field(default=None, max_length=200)
    active: bool | None = None
    password: str | None = Field(default=None, min_length=10, max_length=512)
    roles: list[RoleIn] | None = Field(default=None, max_length=200)


class TokenIn(BaseModel):
    title: str = Field(min_length=1, max_length=200, examples=["CI of the warehouse team"])
    scopes: list[str] | None = Field(
        default=None, description="Permissions it is limited to; absent: all of the account's."
    )
    expires_at: datetime | None = None


class TokenOut(BaseModel):
    id: UUID
    title: str
    hint: str
    scopes: list[str] | None
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    created_by: str
    created_at: datetime

    model_config = {"from_attributes": True}


class NewToken(TokenOut):
    secret: str = Field(description="Shown this once.")


class RoleDescription(BaseModel):
    role: str
    title: str
    permissions: list[str]


def _grants(roles: list[RoleIn]) -> list[RoleGrant]:
    return [RoleGrant(each.role, each.domain) for each in roles]


@router.get("/roles", dependencies=[permit("identity.read")], responses=may_fail())
async def list_roles() -> list[RoleDescription]:
    """The roles, what each is for and what it permits."""
    return [
        RoleDescription(role=role, title=ROLE_TITLES[role], permissions=sorted(held))
        for role, held in ROLES.items()
    ]


@router.get("/accounts", dependencies=[permit("identity.read")], responses=may_fail())
async def list_accounts(
    identity: Identity, page: Annotated[PageQuery, Query()]
) -> Page[AccountOut]:
    """Accounts of people and services, by name."""
    return (await identity.page(page)).map(AccountOut.of)


@router.post(
    "/accounts",
    status_code=201,
    dependencies=[permit("identity.manage")],
    responses=may_fail(Conflict),
)
async def create_account(body: AccountIn, identity: IdentityToChange) -> AccountOut:
    """Create an account with its roles."""
    return AccountOut.of(
        await identity.create(
            body.name,
            title=body.title,
            kind=body.kind,
            password=body.password,
            roles=_grants(body.roles),
        )
    )


@router.get(
    "/accounts/{account_id}",
    dependencies=[permit("identity.read")],
    responses=may_fail(NotFound),
)
async def get_account(account_id: UUID, identity: Identity, response: Response) -> AccountOut:
    """One account."""
    view = await identity.get(account_id)
    set_etag(response, view.account.version)
    return AccountOut.of(view)


@router.patch(
    "/accounts/{account_id}",
    dependencies=[permit("identity.manage")],
    responses=may_fail(NotFound, Conflict, StaleVersion),
)
async def update_account(
    account_id: UUID,
    body: AccountPatch,
    identity: IdentityToChange,
    product: Running,
    response: Response,
    if_match: IfMatch = None,
) -> AccountOut:
    """Change title, roles, password, or disable; sessions of a disabled account end."""
    view = await identity.change(
        account_id,
        expected=expected_version(if_match),
        title=body.title,
        active=body.active,
        password=body.password,
        roles=None if body.roles is None else _grants(body.roles),
    )
    product.accounts.forget()
    set_etag(response, view.account.version)
    return AccountOut.of(view)


@router.get(
    "/accounts/{account_id}/tokens",
    dependencies=[permit("identity.read")],
    responses=may_fail(NotFound),
)
async def list_tokens(account_id: UUID, identity: Identity) -> list[TokenOut]:
    """Tokens of an account, newest first, without their secrets."""
    return [TokenOut.model_validate(token) for token in await identity.tokens(account_id)]


@router.post(
    "/accounts/{account_id}/tokens",
    status_code=201,
    dependencies=[permit("identity.manage")],
    responses=may_fail(NotFound),
)
async def issue_token(account_id: UUID, body: TokenIn, identity: IdentityToChange) -> NewToken:
    """Issue a token; the answer holds its secret, which cannot be read again."""
    token, secret = await identity.issue_token(
        account_id, title=body.title, scopes=body.scopes, expires_at=body.expires_at
    )
    shown = TokenOut.model_validate(token)
    return NewToken(**shown.model_dump(), secret=secret)


@router.delete(
    "/tokens/{token_id}",
    status_code=204,
    dependencies=[permit("identity.manage")],
    responses=may_fail(NotFound),
)
async def revoke_token(token_id: UUID, identity: IdentityToChange, product: Running) -> None:
    """Revoke a token; it is refused within seconds."""
    await identity.revoke_token(token_id)
    product.accounts.forget()
