"""/auth, /me: signing in and out, and who one is."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from muniment.api.deps import Caller, Running
from muniment.api.problems import may_fail
from muniment.api.security import SESSION_COOKIE
from muniment.composition.product import Product
from muniment.kernel.errors import Unauthenticated
from muniment.kernel.principal import SYSTEM, Principal, PrincipalKind
from muniment.platform.policy.roles import PERMISSIONS

router = APIRouter(tags=["platform"])


class RoleOut(BaseModel):
    role: str
    domain: str = Field(description="A domain, or * for all.")


class Me(BaseModel):
    """The caller, and what it may do somewhere."""

    id: UUID
    name: str
    kind: PrincipalKind
    roles: list[RoleOut]
    permissions: list[str]


class SignIn(BaseModel):
    name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=512)


class SignInByLink(BaseModel):
    code: str = Field(min_length=8, max_length=200)


def _me(principal: Principal, product: Product) -> Me:
    held = [
        permission
        for permission in sorted(PERMISSIONS)
        if product.decider.visibility(principal, permission) is not None
    ]
    return Me(
        id=principal.id,
        name=principal.name,
        kind=principal.kind,
        roles=[RoleOut(role=grant.role, domain=grant.domain) for grant in principal.roles],
        permissions=held,
    )


def _remember(response: Response, product: Product, secret: str) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=int(product.settings.session_hours * 3600),
        httponly=True,
        samesite="lax",
        secure=product.settings.secure_cookies,
        path="/",
    )


@router.post("/auth/sign-in", responses=may_fail())
async def sign_in(body: SignIn, product: Running, response: Response) -> Me:
    """Sign in with a name and a password; the answer sets the session cookie."""
    async with product.writing(SYSTEM) as unit:
        account = await unit.identity.sign_in(body.name, body.password)
        hours = product.settings.session_hours
        secret = await unit.identity.open_session(account, hours=hours) if account else None
    # Raised outside the transaction, which keeps the count of failures and the audit event.
    if secret is None:
        raise Unauthenticated("The name or the password is wrong, or the account is locked.")
    _remember(response, product, secret)
    return _me(await product.accounts.principal_of_session(secret), product)


@router.post("/auth/sign-in-by-link", responses=may_fail())
async def sign_in_by_link(body: SignInByLink, product: Running, response: Response) -> Me:
    """Use a one-time sign-in link; the answer sets the session cookie."""
    async with product.writing(SYSTEM) as unit:
        account = await unit.identity.sign_in_with_code(body.code)
        secret = await unit.identity.open_session(account, hours=product.settings.session_hours)
    _remember(response, product, secret)
    return _me(await product.accounts.principal_of_session(secret), product)


@router.post("/auth/sign-out", status_code=204)
async def sign_out(request: Request, product: Running) -> Response:
    """End this browser's session."""
    secret = request.cookies.get(SESSION_COOKIE)
    if secret:
        async with product.writing(SYSTEM) as unit:
            await unit.identity.end_session(secret)
        product.accounts.forget()
    response = Response(status_code=204)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


async def _signed_in(caller: Caller, product: Running) -> Me:
    return _me(caller, product)


@router.get("/me", responses=may_fail())
async def get_me(me: Annotated[Me, Depends(_signed_in)]) -> Me:
    """Who the caller is and what it may do."""
    return me
