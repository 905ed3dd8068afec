"""One word as its neighbours see it."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Look:
    """One token as its neighbours see it."""

    key: str
    flags: str = ""
    shape: str = ""
    lower: str = ""
    capital: bool = False
    candidate: bool = False
    given: bool = False
    place: str = ""
    """What longer name of several words it begins or continues."""
    run: tuple[int, int] = field(default=(0, 0))
