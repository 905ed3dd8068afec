"""Who acts."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class PrincipalKind(StrEnum):
    USER = "user"
    SERVICE = "service"
    SYSTEM = "system"


ANY_DOMAIN = "*"


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role held in one domain, or in all (``*``)."""

    role: str
    domain: str = ANY_DOMAIN


@dataclass(frozen=True, slots=True)
class Principal:
    """A person, a service or Muniment itself, with the roles it holds.

    ``scopes`` narrows what a token may do; None means all that the roles permit.
    """

    id: UUID
    name: str
    kind: PrincipalKind
    roles: tuple[RoleGrant, ...] = ()
    scopes: frozenset[str] | None = None


SYSTEM = Principal(
    id=UUID(int=0), name="muniment", kind=PrincipalKind.SYSTEM, roles=(RoleGrant("administrator"),)
)
