"""Who calls, and whether the route's declared permission is theirs."""

from typing import Annotated, Any

from fastapi import Depends, Request, params
from fastapi.routing import APIRoute

from muniment.composition.product import Product
from muniment.kernel.errors import Forbidden, Unauthenticated
from muniment.kernel.principal import Principal
from muniment.platform.policy import Visibility

SESSION_COOKIE = "muniment_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def product_of(request: Request) -> Product:
    product: Product = request.app.state.product
    return product


Running = Annotated[Product, Depends(product_of)]


def bearer_of(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


async def current_principal(request: Request) -> Principal:
    """The caller, from a bearer token or the session cookie; Unauthenticated otherwise."""
    known: Principal | None = getattr(request.state, "principal", None)
    if known is not None:
        return known
    product = product_of(request)
    bearer, session = bearer_of(request), request.cookies.get(SESSION_COOKIE)
    if bearer is not None:
        principal = await product.accounts.principal_of_token(bearer)
    elif session is not None:
        _refuse_foreign_origin(request)
        principal = await product.accounts.principal_of_session(session)
    else:
        raise Unauthenticated("Sign in, or send a service token as 'Authorization: Bearer ...'.")
    request.state.principal = principal
    return principal


def _refuse_foreign_origin(request: Request) -> None:
    """A cookie is sent by the browser unasked, so a write must come from our own pages."""
    origin = request.headers.get("origin")
    if request.method in SAFE_METHODS or origin is None:
        return
    own = request.headers.get("x-forwarded-host") or request.headers.get("host", "")
    if origin.partition("://")[2] != own:
        raise Forbidden("The request comes from another site and was refused.")


Caller = Annotated[Principal, Depends(current_principal)]


class Permit(params.Depends):
    """A dependency that carries the permission it checks, so that routes can be audited."""

    def __init__(self, permission: str) -> None:
        super().__init__(dependency=_gate(permission))
        object.__setattr__(self, "permission", permission)

    permission: str


def _gate(permission: str) -> Any:
    async def gate(request: Request, caller: Caller) -> None:
        decider = product_of(request).decider
        visibility = decider.visibility(caller, permission)
        if visibility is None:
            raise Forbidden(
                f"This needs the permission {permission}, which none of your roles holds. "
                "An administrator can grant a role that does.",
                permission=permission,
                roles_that_have_it=list(decider.roles_with(permission)),
            )
        request.state.visibility = visibility

    return gate


def permit(permission: str) -> Permit:
    """Declare what a route needs: ``dependencies=[permit("catalog.read")]``."""
    return Permit(permission)


def permission_of(route: APIRoute) -> str | None:
    """The permission a route declares, or None for a public one."""
    for dependency in route.dependencies:
        if isinstance(dependency, Permit):
            return dependency.permission
    return None


def visibility_of(request: Request) -> Visibility:
    """The part of the estate in which the caller holds the route's permission."""
    visibility: Visibility = request.state.visibility
    return visibility


Seen = Annotated[Visibility, Depends(visibility_of)]
