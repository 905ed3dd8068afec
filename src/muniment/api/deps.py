"""What routes depend on: a service inside one transaction, the caller, what the caller sees."""

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from fastapi import Depends

from muniment.api.security import Caller, Running, Seen
from muniment.composition.unit import Unit

T = TypeVar("T")

__all__ = ["Caller", "Running", "Seen", "reading", "writing"]


def reading(pick: Callable[[Unit], T]) -> Any:
    """A dependency on ``pick(unit)`` in a read-only transaction.

    Written as ``Annotated[FindingService, reading(lambda unit: unit.compliance.findings)]``.
    """

    async def dependency(product: Running, caller: Caller) -> AsyncIterator[T]:
        async with product.reading(caller) as unit:
            yield pick(unit)

    return Depends(dependency, scope="function")


def writing(pick: Callable[[Unit], T]) -> Any:
    """The same in a transaction that is committed when the route's body has ended.

    The scope makes the commit come before the answer is sent: no answer says done of what failed.
    """

    async def dependency(product: Running, caller: Caller) -> AsyncIterator[T]:
        async with product.writing(caller) as unit:
            yield pick(unit)

    return Depends(dependency, scope="function")
