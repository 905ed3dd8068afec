"""Which part of the estate a caller sees, as something a query can be filtered by."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute


@dataclass(frozen=True, slots=True)
class Visibility:
    """The domains a caller may read; None means every domain, and what has none.

    What belongs to no domain is seen only by those who see everything.
    """

    domains: frozenset[str] | None

    @property
    def everything(self) -> bool:
        return self.domains is None

    def allows(self, domain: str | None) -> bool:
        return self.domains is None or (domain is not None and domain in self.domains)

    def clause(
        self, domain: InstrumentedAttribute[Any] | sa.ColumnElement[Any]
    ) -> sa.ColumnElement[bool]:
        """The same decision as SQL."""
        if self.domains is None:
            return sa.true()
        return domain.in_(sorted(self.domains))


EVERYTHING = Visibility(None)
