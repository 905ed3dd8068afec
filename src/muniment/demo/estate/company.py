"""The company whose estate this is: its name, its database, its seed and its fixed today."""

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """What is fixed about the demo estate.

    `seed` and `version` name the content: the same pair gives the same rows, whatever day it is.
    `anchor` is the day the estate believes it is; every date in it is counted from there. Raise
    `version` with every change of the content.
    """

    company: str
    database: str
    lake: str
    marketing: str
    seed: int
    version: int
    anchor: date


ESTATE: Final = Estate(
    company="Harbour & Pine",
    database="harbour",
    lake="lake",
    marketing="marketing.db",
    seed=20_261_101,
    version=1,
    anchor=date(2026, 11, 1),
)

COUNTRIES: Final = ("DE", "FR", "GB", "US")
COUNTRY_WEIGHTS: Final = (0.38, 0.20, 0.27, 0.15)
CURRENCIES: Final = ("EUR", "EUR", "GBP", "USD")
LANGUAGES: Final = ("de", "fr", "en", "en")
