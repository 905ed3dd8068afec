"""Word lists that travel with the packs: one table of hashes, and the rules built on it."""

import json
import mmap
import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from muniment.kernel.errors import Invalid

LISTS = (
    "given_names", "given_common", "family_names", "family_common", "cities", "cities_large",
    "regions", "us_states", "countries", "country_codes", "currencies", "currency_names",
    "languages", "language_codes", "nationalities", "occupations", "occupation_heads", "companies",
    "legal_forms", "banks", "bics", "universities", "medications", "diseases", "disease_words",
    "icd10", "airport_codes", "everyday_words", "street_words", "titles",
    "address_words",
)  # fmt: skip
"""The lists of the table; a word's place in the mask is the list's place here."""
BIT: Mapping[str, int] = {name: 1 << place for place, name in enumerate(LISTS)}
WIDEST = 64
"""Bytes of the longest word."""
_MASK64 = (1 << 64) - 1
SEED, STIR, STIR_AGAIN = 0x9E3779B97F4A7C15, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53

TABLE = "words.bin"
_VERSION = 1

PATRONYMIC = r"\S{2,}(?:ovich|evich|ovna|evna|ichna|ович|евич|овна|евна|ична|инична|oglu|kyzy)"
_PATRONYMIC = re.compile(PATRONYMIC)
FAMILY_END = (
    r"[^\W\d_]{3,}(?:ov|ova|ev|eva|yov|sky|ski|ska|skaya|skiy|skii|skyi|enko|chuk|escu|eanu|poulos|"
    r"poulou|idis|iadis|akis|oglu|shvili|adze|idze|nyan|sson|sdottir|ssen|wicz|czyk|evic|ovic|"
    r"evich|ovich|auskas|aitis|iene|vicius|sinh|gaard|strom|berger|mann|huber|meier|"
    r"ов|ова|ев|ева|ский|ская|цкий|цкая|енко|чук|ян|швили|дзе|ин|ина|οπουλος|οπουλου|ιδης|ακης)"
)
"""Ends of family names where a name is in no list: nobody can list them all."""
_FAMILY_END = re.compile(FAMILY_END)
NOT_A_NAME = r"[\d@/\\_|<>{}\[\]=+*#:;!?&%$]"
_NOT_A_NAME = re.compile(NOT_A_NAME)
BETWEEN = r"[\s,.()\"“”„]+"
_BETWEEN = re.compile(BETWEEN)
EAST_ASIAN = r"[\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7a3々〆ヶ]{2,7}"
_EAST_ASIAN = re.compile(EAST_ASIAN)
HANGUL = r"[\uac00-\ud7a3]+"
_HANGUL = re.compile(HANGUL)
STREET_ENDS = (
    *("strasse", "strase", "str", "weg", "platz", "allee", "gasse", "damm", "ufer", "chaussee"),
    *("steig", "straat", "laan", "plein", "gracht", "dijk", "kade", "gatan", "vagen", "vag"),
    *("grand", "vej", "gade", "veien", "vei", "gate", "katu", "tie", "polku", "utca"),
)
"""What one-word streets end with."""
STREET_SIGNS = ("路", "街", "大道", "胡同", "巷", "弄", "丁目", "番地", "로", "길")
STREET = (
    rf"(?:^|[\s,.])\S{{3,}}(?:{'|'.join(STREET_ENDS)})(?:[\s,.0-9]|$)"
    rf"|(?:{'|'.join(STREET_SIGNS)})\s?\d*"
)
_STREET = re.compile(STREET)
NO_ADDRESS = r"[@{}<>|=_\\;*\[\]]"
_NO_ADDRESS = re.compile(NO_ADDRESS)
COMPANY = (
    r"(?:有限公司|股份公司|公司|集团|株式会社|合同会社|有限会社|주식회사|유한회사|㈜|\(주\))"
    r"|\S (?:group|holdings?)$"
    r"|\S & (?:sons?|co|partners?|associates|bro(?:ther)?s|sohne|fils|cie|hijos)\.?$"
    r"|^[^\d,]{2,25}, [^\d,]{2,25} (?:and|&|und|et|y|e|og|och|en) [^\d,]{2,25}$"
    r"|^(?:ооо|оао|зао|пао|ао|тов|прат|пт|ип) "
)
"""What makes a company where no legal form stands at the end of the name."""
_COMPANY = re.compile(COMPANY)
EAST_ASIAN_CITY = r"^[\u4e00-\u9fff\u3040-\u30ff々ヶ]{1,9}(?:市|区|町|村|郡|县|縣)\S{0,8}$"
_EAST_ASIAN_CITY = re.compile(EAST_ASIAN_CITY)
_DIGIT = re.compile(r"[0-9]")
LONGEST_STREET = 12
"""Words; more are a sentence in which a street may occur."""
NO_STREET = ("dr", "st", "san", "santa", "saint")
"""Words that mean no street where a value begins with them."""


@dataclass(frozen=True, slots=True)
class Table:
    """The table as it lies in the file: ascending hashes, and for each the lists it is in."""

    hashes: memoryview
    masks: memoryview
    counts: Mapping[str, int]
    path: Path
    offset: int


def word_hash(word: bytes) -> int:
    """32 bits of a word of at most ``WIDEST`` bytes; the same on every machine and release.

    ``lookups.hashes`` does the same to whole columns.
    """
    state = (SEED ^ (len(word) * STIR)) & _MASK64
    for at in range(0, len(word), 8):
        state = ((state ^ int.from_bytes(word[at : at + 8], "little")) * STIR) & _MASK64
        state ^= state >> 32
    return ((state * STIR_AGAIN) & _MASK64) >> 32


def write_table(path: Path, packed: Mapping[int, int], counts: Mapping[str, int]) -> None:
    """Write a table: a line of JSON padded to eight bytes, the hashes ascending, their masks."""
    head = json.dumps(
        {"version": _VERSION, "words": len(packed), "lists": LISTS, "counts": dict(counts)}
    ).encode()
    head += b" " * (-(len(head) + 1) % 8) + b"\n"
    ordered = sorted(packed)
    with path.open("wb") as file:
        file.write(head)
        file.write(b"".join(hash_.to_bytes(4, "little") for hash_ in ordered))
        file.write(b"".join(packed[hash_].to_bytes(4, "little") for hash_ in ordered))


@lru_cache(maxsize=1)
def table() -> Table:
    """The shipped table, mapped into memory; pages are shared between processes."""
    path = Path(str(files("muniment.packs.classifiers") / "dictionaries" / TABLE))
    with path.open("rb") as file:
        head = json.loads(file.readline())
        offset = file.tell()
        if head["version"] != _VERSION or tuple(head["lists"]) != LISTS:
            raise Invalid(f"{TABLE} was built for another release; run dictionaries/build.py.")
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    size = head["words"] * 4
    hashes = mapped[offset : offset + size].cast("I")
    masks = mapped[offset + size : offset + 2 * size].cast("I")
    return Table(hashes, masks, head["counts"], path, offset)


@lru_cache(maxsize=65536)
def lists_of(word: str) -> int:
    """The lists a folded word is in, as a mask of ``BIT``; zero where it is in none."""
    raw = word.encode()
    if not 0 < len(raw) <= WIDEST:
        return 0
    known = table()
    wanted = word_hash(raw)
    place = bisect_left(known.hashes, wanted)
    found = place < len(known.hashes) and known.hashes[place] == wanted
    return int(known.masks[place]) if found else 0


GIVEN, FAMILY = BIT["given_names"], BIT["family_names"]
GIVEN_COMMON, FAMILY_COMMON = BIT["given_common"], BIT["family_common"]
EVERYDAY, TITLE = BIT["everyday_words"], BIT["titles"]
COMMON = GIVEN_COMMON | FAMILY_COMMON
NAME = GIVEN | FAMILY
NO_PERSON = (
    BIT["cities_large"] | BIT["regions"] | BIT["countries"] | BIT["companies"] | BIT["banks"]
)
"""What a whole value may be that reads like a name: San Francisco, New York, Morgan Stanley."""
ORIGINS = BIT["nationalities"] | BIT["countries"]
UNCLEAR = {
    "given_names": (GIVEN, GIVEN_COMMON),
    "family_names": (FAMILY, FAMILY_COMMON),
    "cities": (BIT["cities"], BIT["cities_large"]),
    "companies": (BIT["companies"] | BIT["banks"], 0),
    "diseases": (BIT["diseases"], BIT["disease_words"]),
    "occupations": (BIT["occupations"], BIT["occupation_heads"]),
    "medications": (BIT["medications"], 0),
}
"""Lists that also hold ordinary words: an ordinary word counts only if it is in the second list."""


def is_word_of(name: str, mask: int) -> bool:
    """Whether a word with this mask counts as one of a list."""
    if name not in UNCLEAR:
        return bool(mask & BIT[name])
    wide, sure = UNCLEAR[name]
    return bool(mask & sure) or (bool(mask & wide) and not mask & EVERYDAY)


def part_mask(part: str) -> int:
    """What one part of a name may be: ``o'connor`` also together, ``anne-marie`` also by halves."""
    mask = lists_of(part)
    if not mask and _FAMILY_END.fullmatch(part):
        return FAMILY
    if mask & NAME or ("-" not in part and "'" not in part and "’" not in part):
        return mask
    joined = lists_of(re.sub(r"['’-]", "", part))
    halves = [lists_of(half) for half in part.split("-") if half]
    both = halves[0] if halves else 0
    for half in halves[1:]:
        both &= half
    return mask | (joined & (NAME | COMMON)) | (both & (NAME | COMMON))


@dataclass(frozen=True, slots=True)
class Parts:
    """What the parts of a value may be. The fields are numbers here and columns in ``lookups``."""

    first: int
    last: int
    rest: int
    """All but the first part, taken together."""
    ordinary: int
    """Parts that are everyday words and no common names."""
    count: int
    initials: int
    strange: bool
    """The last part is in no list at all and long enough for a name."""


def name_parts(plain: str) -> Parts | None:
    """The parts of a folded value that may belong to a name; None when there are none."""
    words = [w for w in _BETWEEN.split(plain) if w]
    initials = sum(len(w) == 1 for w in words)
    masks = [(w, part_mask(w)) for w in words if len(w) > 1]
    of_name = [(w, m) for w, m in masks if not m & TITLE and not _PATRONYMIC.fullmatch(w)]
    if len(of_name) < 2 <= len(masks):
        of_name = masks
    if not of_name:
        return None
    kept = [m for _, m in of_name]
    rest = 0
    for mask in kept[1:]:
        rest |= mask
    ordinary = sum(bool(m & EVERYDAY) and not m & COMMON for m in kept)
    strange = kept[-1] == 0 and len(of_name[-1][0]) >= 4
    return Parts(kept[0], kept[-1], rest, ordinary, len(kept), initials, strange)


def are_full_name(p: Parts) -> bool:
    """A given name and a family name in either order; titles, particles and initials aside."""
    if p.count == 1:
        return p.initials > 0 and bool(p.first & FAMILY_COMMON) and not p.first & EVERYDAY
    if p.count > 5:
        return False
    sure = (p.first & GIVEN_COMMON and p.last & FAMILY_COMMON) or (
        p.first & FAMILY_COMMON and p.last & GIVEN_COMMON
    )
    fair = (p.first & GIVEN and p.rest & FAMILY) or (p.first & FAMILY and p.last & GIVEN)
    new = p.strange and p.count <= 3 and p.first & GIVEN_COMMON and not p.first & EVERYDAY
    return bool(sure and p.ordinary < p.count) or bool((fair or new) and p.ordinary == 0)


def _east_asian_name(plain: str) -> bool:
    """A family name of one to three signs before a given name, written together."""
    korean = _HANGUL.fullmatch(plain) is not None
    for at in (1, 2, 3):
        family, given = plain[:at], plain[at:]
        if not given or len(given) > 4 or not lists_of(family) & FAMILY:
            continue
        if lists_of(given) & GIVEN:
            return True
        if lists_of(family) & FAMILY_COMMON and len(given) <= 2 and len(plain) <= 4:
            return korean == (len(given) == 2) or not korean
    return False


def is_full_name(plain: str) -> bool:
    """Whether a folded value is the name of a person, in any common order and script."""
    if not 2 <= len(plain) <= 60 or _NOT_A_NAME.search(plain):
        return False
    if lists_of(plain) & NO_PERSON:
        return False
    if _EAST_ASIAN.fullmatch(plain):
        return _east_asian_name(plain)
    parts = name_parts(plain)
    return parts is not None and are_full_name(parts)


def _is_name(name: str, plain: str) -> bool:
    """One or two names of a list (``marie``, ``anne-marie``, ``garcia lopez``), titles aside.

    Two plain letters are a code far more often than a name.
    """
    if len(plain) < 3 and plain.isascii():
        return False
    if is_word_of(name, lists_of(plain)):
        return True
    if _NOT_A_NAME.search(plain):
        return False
    masks = [part_mask(w) for w in _BETWEEN.split(plain) if len(w) > 1]
    kept = [m for m in masks if not m & TITLE]
    if len(kept) == 2:
        return all(m & UNCLEAR[name][1] for m in kept)
    return len(kept) == 1 and is_word_of(name, kept[0])


def _is_occupation(plain: str) -> bool:
    if is_word_of("occupations", lists_of(plain)):
        return True
    words = plain.split()
    return 1 < len(words) <= 8 and bool(
        lists_of(words[-1]) & BIT["occupation_heads"]
        or (words[1] == "of" and lists_of(words[0]) & BIT["occupation_heads"])
    )


def _is_company(plain: str) -> bool:
    if is_word_of("companies", lists_of(plain)) or _COMPANY.search(plain):
        return True
    words = plain.replace(",", " ").split()
    return any(
        lists_of(" ".join(words[at:]).strip(".")) & BIT["legal_forms"]
        for at in range(max(1, len(words) - 4), len(words))
        if any(letter.isalpha() for letter in words[at - 1])  # 07:03 PM is no company
    )


def _is_medication(plain: str) -> bool:
    words = plain.replace(",", " ").split()
    return any(
        is_word_of("medications", lists_of(" ".join(words[:n]))) for n in range(1, 4)
    ) or is_word_of("medications", lists_of(plain))


def _is_disease(plain: str) -> bool:
    if is_word_of("diseases", lists_of(plain)):
        return True
    words = re.findall(r"[^\W\d_]{3,}", plain)
    return len(words) <= 15 and any(lists_of(w) & BIT["disease_words"] for w in words)


def _is_street(plain: str) -> bool:
    if _NO_ADDRESS.search(plain):
        return False
    words = [w for w in _BETWEEN.split(plain) if w]
    if len(words) > LONGEST_STREET:
        return False
    if words and words[0] in NO_STREET:
        words = words[1:]
    return _STREET.search(plain) is not None or (
        len(words) >= 2 and any(lists_of(w) & BIT["street_words"] for w in words)
    )


def _is_address(plain: str) -> bool:
    """A street and a number; some words make a street only beside one."""
    if len(plain) < 5 or _DIGIT.search(plain) is None or _NO_ADDRESS.search(plain):
        return False
    words = [w for w in _BETWEEN.split(plain) if w]
    leads = words[0][0].isdigit() if words else False
    ends = any(lists_of(w) & BIT["address_words"] for w in words[1:])
    return _is_street(plain) or (len(words) >= 3 and leads and ends)


def _is_city(plain: str) -> bool:
    whole = is_word_of("cities", lists_of(plain)) or _EAST_ASIAN_CITY.search(plain) is not None
    return whole or is_word_of("cities", lists_of(re.split(r"\s*[,(/]", plain, maxsplit=1)[0]))


_RULES: Mapping[str, Callable[[str], bool]] = {
    "full_names": is_full_name,
    "given_names": lambda plain: _is_name("given_names", plain),
    "family_names": lambda plain: _is_name("family_names", plain),
    "cities": _is_city,
    "occupations": _is_occupation,
    "companies": _is_company,
    "medications": _is_medication,
    "diseases": _is_disease,
    "streets": _is_street,
    "icd10": lambda plain: "." in plain and bool(lists_of(plain.replace(".", "")) & BIT["icd10"]),
    "origins": lambda plain: bool(lists_of(plain) & ORIGINS),
    "addresses": _is_address,
}
"""Lists with a rule of their own; a value of any other list is a whole word of it."""


def in_dictionary(name: str, plain: str) -> bool:
    """Whether a whole folded value is of a list; ``lookups.matches`` does it for whole columns."""
    rule = _RULES.get(name)
    if rule is not None:
        return rule(plain)
    return is_word_of(name, lists_of(plain.strip(" .")))


def names() -> Sequence[str]:
    """What a classifier may name as its dictionary."""
    return sorted({*LISTS, *_RULES})


def check_dictionary(name: str) -> None:
    """Raise Invalid when no such list exists."""
    if name not in _RULES and name not in BIT:
        raise Invalid(f"There is no dictionary named {name}. Take one of {', '.join(names())}.")
