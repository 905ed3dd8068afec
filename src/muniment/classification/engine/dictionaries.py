"""Word lists that travel with the packs, and the checks of names built on them."""

import re
from functools import lru_cache
from importlib.resources import files

from muniment.kernel.errors import Invalid

_TOKENS = re.compile(r"[^\s,'’.-]+(?:['’-][^\s,'’.-]+)*")
_NO_DIGITS = re.compile(r"[^\d@/\\_|<>{}\[\]=+*#:;!?&%$]{2,60}")

_TITLES = (
    "mr mrs ms miss dr prof herr frau monsieur madame mme mlle sr sra don dona sir dame rev "
    "jr phd md "
    "med ing dipl van von der den de di da del della dos das du le la el al bin ibn zu zur "
    "ter ten o mac mc"
)
TITLES = frozenset(_TITLES.split())


@lru_cache(maxsize=64)
def dictionary(name: str) -> frozenset[str]:
    """The words of a list, folded; Invalid when there is no such list."""
    path = files("muniment.packs.classifiers") / "dictionaries" / f"{name}.txt"
    if not re.fullmatch(r"[a-z_]+", name) or not path.is_file():
        raise Invalid(f"There is no dictionary named {name}.")
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def is_given_name(plain: str) -> bool:
    """One or two given names (``marie``, ``anne-marie``, ``jean paul``)."""
    return _all_known(plain, dictionary("given_names"), 2)


def is_family_name(plain: str) -> bool:
    return _all_known(plain, dictionary("family_names"), 2)


def _all_known(plain: str, known: frozenset[str], most: int) -> bool:
    if plain in known:
        return True
    if _NO_DIGITS.fullmatch(plain) is None:
        return False
    parts = [p for p in re.split(r"[\s-]+", plain) if p not in TITLES]
    return 0 < len(parts) <= most and all(p in known for p in parts)


def is_full_name(plain: str) -> bool:
    """A given name and a family name, in either order, titles and particles aside."""
    if _NO_DIGITS.fullmatch(plain) is None:
        return False
    parts = [p for p in _TOKENS.findall(plain) if p not in TITLES and len(p) > 1]
    if not 2 <= len(parts) <= 5:
        return False
    given, family = dictionary("given_names"), dictionary("family_names")
    first, last = parts[0], parts[-1]
    if (_known(first, given) and _known(last, family)) or (
        _known(last, given) and _known(first, family)
    ):
        return True
    return len(parts) > 2 and _known(first, given) and any(_known(p, family) for p in parts[1:])


def _known(part: str, words: frozenset[str]) -> bool:
    return part in words or ("-" in part and all(p in words for p in part.split("-")))


def in_dictionary(name: str, plain: str) -> bool:
    """Whether a whole folded value is a word of a list; names may be compound."""
    match name:
        case "given_names":
            return is_given_name(plain)
        case "family_names":
            return is_family_name(plain)
        case "full_names":
            return is_full_name(plain)
        case _:
            return plain.strip(".") in dictionary(name)


def check_dictionary(name: str) -> None:
    """Raise Invalid when no such list exists."""
    if name != "full_names":
        dictionary(name)
