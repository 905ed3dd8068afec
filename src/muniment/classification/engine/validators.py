"""Validators of single values: check digits, structure, ranges."""

import base64
import binascii
import hashlib
import importlib
import ipaddress
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from stdnum.iso7064 import mod_97_10 as _mod_97_10

from muniment.classification.engine.chances import CHANCE
from muniment.classification.engine.national import NATIONAL
from muniment.kernel.errors import Invalid

Check = Callable[[str], bool]

_NOT_DIGIT = re.compile(r"\D", re.ASCII)


@dataclass(frozen=True, slots=True)
class Validator:
    """A check of one value. ``chance`` is how often a random value of the right form passes."""

    name: str
    check: Check
    check_digit: bool
    chance: float
    fast: bool = False
    """Fast enough to be run on every value rather than on a sample."""


def digits_of(text: str) -> str:
    """Only the digits of a value."""
    return _NOT_DIGIT.sub("", text)


def luhn(text: str) -> bool:
    """ISO/IEC 7812 annex B: the check digit of cards and many ids."""
    digits = digits_of(text)
    if len(digits) < 2:
        return False
    total = 0
    for place, character in enumerate(reversed(digits)):
        number = ord(character) - 48
        if place % 2:
            number = number * 2 - 9 if number > 4 else number * 2
        total += number
    return total % 10 == 0


def luhn_digit(prefix: str) -> str:
    """The digit that makes ``prefix`` pass ``luhn``."""
    return next(digit for digit in "0123456789" if luhn(prefix + digit))


_CARD_PREFIXES: tuple[tuple[int, int, tuple[int, ...]], ...] = (
    # first six digits from, to, lengths: Visa, Mastercard (two ranges), Amex, Diners, Discover,
    # JCB, UnionPay, Maestro
    (400000, 499999, (13, 16, 19)),
    (510000, 559999, (16,)),
    (222100, 272099, (16,)),
    (340000, 349999, (15,)),
    (370000, 379999, (15,)),
    (300000, 305999, (14,)),
    (360000, 369999, (14,)),
    (380000, 399999, (14,)),
    (601100, 601199, (16, 19)),
    (644000, 659999, (16, 19)),
    (352800, 358999, (16, 19)),
    (620000, 629999, (16, 17, 18, 19)),
    (500000, 509999, (16, 18, 19)),
    (560000, 589999, (16, 18, 19)),
)


def card_form(text: str) -> bool:
    """Whether prefix and length are those of an issuer; without the check digit."""
    digits = digits_of(text)
    if not 13 <= len(digits) <= 19:
        return False
    prefix = int(digits[:6])
    return any(
        low <= prefix <= high and len(digits) in sizes for low, high, sizes in _CARD_PREFIXES
    )


def card(text: str) -> bool:
    """Issuer prefix, length and check digit of a payment card; not one repeated digit."""
    digits = digits_of(text)
    return card_form(digits) and len(set(digits)) > 1 and luhn(digits)


def iban(text: str) -> bool:
    """ISO 13616: a country that exists and mod 97; test data knows no checks of banks."""
    plain = re.sub(r"[\s-]", "", text).upper()
    if not 15 <= len(plain) <= 34 or plain[:2] not in COUNTRIES:
        return False
    return plain.isalnum() and plain.isascii() and _mod_97_10.is_valid(plain[4:] + plain[:4])


def verhoeff(text: str) -> bool:
    return _stdnum("verhoeff")(digits_of(text))


def ip(text: str) -> bool:
    """An IPv4 or IPv6 address, with or without prefix length."""
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return True


def ipv4(text: str) -> bool:
    """Four octets, none with a leading zero."""
    parts = text.split("/")[0].split(".")
    return len(parts) == 4 and all(
        p.isdigit() and int(p) < 256 and (p == "0" or p[0] != "0") for p in parts
    )


def ipv6(text: str) -> bool:
    return ":" in text and ip(text.split("%")[0])


def email(text: str) -> bool:
    """The parts of an address that a pattern cannot say: lengths, dots, label ends."""
    local, _, domain = text.rpartition("@")
    if not 0 < len(local) <= 64 or len(domain) > 253 or ".." in text:
        return False
    labels = domain.split(".")
    return (
        not local.startswith(".")
        and not local.endswith(".")
        and all(0 < len(x) < 64 and x[0] != "-" and x[-1] != "-" for x in labels)
    )


_DATE_LIKE = re.compile(
    r"(?:19|20)\d\d[-/.]?[01]\d[-/.]?[0-3]\d|[0-3]?\d[-/.][0-3]?\d[-/.](?:19|20)?\d\d"
)


def phone(text: str) -> bool:
    """Seven to fifteen digits of at least three kinds; no date, no decimal number."""
    plain = re.split(r"\s*(?:x|ext)", text.lower())[0]
    digits = digits_of(plain)
    if not 7 <= len(digits) <= 15 or len(set(digits)) < 3 or _DATE_LIKE.fullmatch(plain.strip()):
        return False
    return not (re.fullmatch(r"-?\d+\.\d+", plain) or plain.startswith("-"))


def jwt(text: str) -> bool:
    """Three base64url parts, the first a JSON object that names its algorithm."""
    head = text.split(".")[0]
    try:
        value = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error):
        return False
    return isinstance(value, dict) and "alg" in value


def bic(text: str) -> bool:
    """ISO 9362: four letters, a country that exists, two or five more."""
    plain = text.strip()
    return len(plain) in (8, 11) and plain[:6].isalpha() and plain[4:6].upper() in COUNTRIES


def secret(text: str) -> bool:
    """Random enough to be a key: Shannon entropy of at least 3.2 bits a character."""
    if len(text) < 12:
        return False
    size = len(text)
    entropy = -sum(n / size * math.log2(n / size) for n in Counter(text).values())
    return entropy >= 3.2 and any(c.isdigit() for c in text)


_VIN_VALUES = dict(
    zip(
        "ABCDEFGHJKLMNPRSTUVWXYZ",
        (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
        strict=True,
    )
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin(text: str) -> bool:
    """ISO 3779 with the North American check digit at the ninth place."""
    plain = text.strip().upper()
    if len(plain) != 17 or not plain.isalnum() or plain.isdigit():
        return False
    try:
        total = sum(
            (int(c) if c.isdigit() else _VIN_VALUES[c]) * w
            for c, w in zip(plain, _VIN_WEIGHTS, strict=True)
        )
    except (KeyError, ValueError):
        return False
    return plain[8] == "0123456789X"[total % 11]


def npi(text: str) -> bool:
    """US National Provider Identifier: Luhn over 80840 and the ten digits."""
    digits = digits_of(text)
    return len(digits) == 10 and digits[0] in "12" and luhn("80840" + digits)


def dea(text: str) -> bool:
    """US DEA registration: two letters, six digits, a two-sum check digit."""
    plain = text.strip().upper()
    if not re.fullmatch(r"[A-Z][A-Z9]\d{7}", plain):
        return False
    d = [int(c) for c in plain[2:]]
    return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


def aba(text: str) -> bool:
    """US routing number: weights 3-7-1 and a Federal Reserve prefix."""
    d = digits_of(text)
    if (
        len(d) != 9
        or len(set(d)) == 1
        or not (0 <= int(d[:2]) <= 12 or 21 <= int(d[:2]) <= 32 or 61 <= int(d[:2]) <= 72)
    ):
        return False
    return sum(int(c) * w for c, w in zip(d, (3, 7, 1) * 3, strict=True)) % 10 == 0


def ssn(text: str) -> bool:
    """The area, group and serial that the US has never issued are out; there is no check digit."""
    d = digits_of(text)
    return (
        len(d) == 9
        and d[:3] not in ("000", "666")
        and d[0] != "9"
        and d[3:5] != "00"
        and d[5:] != "0000"
        and d not in ("123456789", "987654321", "111111111", "078051120", "219099999")
    )


def latitude(text: str) -> bool:
    return _between(text, -90, 90)


def longitude(text: str) -> bool:
    return _between(text, -180, 180)


def _between(text: str, low: float, high: float) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    return low <= number <= high and "." in text


def coordinates(text: str) -> bool:
    """A latitude and a longitude, in that order."""
    parts = [p for p in re.split(r"[,;\s]+", text.strip("() ")) if p]
    return len(parts) == 2 and latitude(parts[0]) and longitude(parts[1])


def birth_year(text: str) -> bool:
    """A date whose year a living person may be born in."""
    found = re.search(r"(?:19|20)\d\d", text)
    if found is not None:
        return 1905 <= int(found.group()) <= 2026
    return re.fullmatch(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2}", text) is not None


def age(text: str) -> bool:
    try:
        return 0 <= int(text) <= 120
    except ValueError:
        return False


def aadhaar(text: str) -> bool:
    """Twelve digits beginning 2 to 9 with a Verhoeff check digit."""
    d = digits_of(text)
    return len(d) == 12 and d[0] in "23456789" and d != d[::-1] and verhoeff(d)


def imei(text: str) -> bool:
    d = digits_of(text)
    return len(d) == 15 and d[0] != "0" and len(set(d)) > 3 and luhn(d)


def iccid(text: str) -> bool:
    d = digits_of(text)
    return len(d) in (19, 20) and d.startswith("89") and luhn(d)


_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58check(text: str) -> bool:
    """Base58 whose last four bytes begin the double SHA-256 of the rest (Bitcoin keys, WIF)."""
    number = 0
    for letter in text.strip():
        place = _BASE58.find(letter)
        if place < 0:
            return False
        number = number * 58 + place
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    digest = hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()
    return len(raw) > 4 and digest[:4] == raw[-4:]


def sg_nric(text: str) -> bool:
    """Singapore: weights 2,7,6,5,4,3,2 and a letter by series (S/T citizens, F/G/M foreigners)."""
    plain = text.strip().upper()
    if not re.fullmatch(r"[STFGM]\d{7}[A-Z]", plain):
        return False
    total = sum(int(c) * w for c, w in zip(plain[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    total += {"S": 0, "T": 4, "F": 0, "G": 4, "M": 3}[plain[0]]
    letters = {
        "S": "JZIHGFEDCBA",
        "T": "JZIHGFEDCBA",
        "F": "XWUTRQPNMLK",
        "G": "XWUTRQPNMLK",
        "M": "XWUTRQPNJLK",
    }
    place = total % 11
    return letters[plain[0]][10 - place if plain[0] == "M" else place] == plain[8]


def my_number(text: str) -> bool:
    """Japan: the last digit checks the others, weights 6 to 2 and 7 to 2 from the left, mod 11."""
    digits = digits_of(text)
    if len(digits) != 12:
        return False
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(int(c) * w for c, w in zip(digits[:11], weights, strict=True)) % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


def vat(text: str) -> bool:
    """A VAT number of the EU, the United Kingdom or Switzerland, by its own country's check."""
    plain = re.sub(r"[\s.-]", "", text).upper()
    if plain.startswith("GB"):
        return _stdnum("gb.vat")(plain)
    if plain.startswith("CHE"):
        return _stdnum("ch.uid")(plain[:12])
    return _stdnum("eu.vat")(plain)


def kvnr(text: str) -> bool:
    """German health insurance: the letter as two digits, then weights 1 and 2 from the left."""
    plain = text.strip().upper()
    if not re.fullmatch(r"[A-Z][0-9]{9}", plain):
        return False
    digits = f"{ord(plain[0]) - 64:02d}{plain[1:9]}"
    total = 0
    for place, character in enumerate(digits):
        number = int(character) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == int(plain[9])


def mrz_731(text: str) -> bool:
    """ICAO 9303: the last digit checks the rest with weights 7-3-1."""
    plain = re.sub(r"\s", "", text.upper())
    if not re.fullmatch(r"[0-9A-Z<]{5,43}[0-9]", plain):
        return False
    weighted = zip(plain[:-1], (7, 3, 1) * len(plain), strict=False)
    total = sum((0 if c == "<" else int(c, 36)) * weight for c, weight in weighted)
    return total % 10 == int(plain[-1])


_COUNTRIES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO "
    "BQ BR BS "
    "BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO "
    "DZ EC EE "
    "EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM "
    "HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ "
    "LA LB LC "
    "LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX "
    "MY MZ NA "
    "NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO "
    "RS RU RW "
    "SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL "
    "TM TN TO "
    "TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
COUNTRIES = frozenset(_COUNTRIES.split())

_OWN: Mapping[str, tuple[Check, bool, float]] = {
    "luhn": (luhn, True, 0.1),
    "card": (card, True, 0.1),
    "card_form": (card_form, False, 0.3),
    "iban": (iban, True, 0.01),
    "verhoeff": (verhoeff, True, 0.1),
    "ip": (ip, False, 0.5),
    "ipv4": (ipv4, False, 0.3),
    "ipv6": (ipv6, False, 0.5),
    "email": (email, False, 0.9),
    "phone": (phone, False, 0.8),
    "jwt": (jwt, False, 0.01),
    "base58check": (base58check, True, 1e-6),
    "bic": (bic, False, 0.35),
    "secret": (secret, False, 0.5),
    "vin": (vin, True, 0.09),
    "npi": (npi, True, 0.02),
    "dea": (dea, True, 0.1),
    "aba": (aba, True, 0.04),
    "ssn": (ssn, False, 0.9),
    "latitude": (latitude, False, 0.9),
    "longitude": (longitude, False, 0.9),
    "coordinates": (coordinates, False, 0.5),
    "birth_year": (birth_year, False, 0.9),
    "age": (age, False, 0.9),
    "aadhaar": (aadhaar, True, 0.08),
    "imei": (imei, True, 0.1),
    "iccid": (iccid, True, 0.1),
    "sg_nric": (sg_nric, True, 0.04),
    "mrz_731": (mrz_731, True, 0.1),
    "kvnr": (kvnr, True, 0.1),
    "my_number": (my_number, True, 0.1),
    "vat": (vat, True, 0.1),
    **{name: (check, True, CHANCE.get(name, 0.1)) for name, check in NATIONAL.items()},
}
_FAST = frozenset({"luhn", "card", "imei", "iccid", "npi"})

_DATES_AND_LISTS = (
    "us.ssn us.ein us.itin us.atin us.ptin us.tin my.nric pk.cnic id.nik dk.cpr mac isil cfi "
    "mx.rfc do.ncf cr.cpj es.cae"
)
_UNCHECKED = frozenset(_DATES_AND_LISTS.split())
"""Modules that look at dates, lists or ranges, where a digit checks nothing."""
SELECTIVE = 0.25
"""A check that more random values of its form pass holds no check digit."""


@lru_cache(maxsize=512)
def _stdnum(name: str) -> Check:
    try:
        module: Any = importlib.import_module(f"stdnum.{name}")
    except ModuleNotFoundError as error:
        raise Invalid(f"There is no validator named stdnum:{name}.") from error

    def check(text: str) -> bool:
        try:
            return bool(module.is_valid(text))
        except (ArithmeticError, LookupError, TypeError, ValueError):
            return False  # some modules of the library stumble over what they do not expect

    return check


@lru_cache(maxsize=512)
def validator(name: str) -> Validator:
    """A validator by name: one of our own, or ``stdnum:<module>``. Invalid when unknown."""
    if name.startswith("stdnum:"):
        module = name.removeprefix("stdnum:")
        chance = CHANCE.get(module, 0.1)
        digit = module not in _UNCHECKED and chance <= SELECTIVE
        return Validator(name, _stdnum(module), digit, chance)
    if name not in _OWN:
        known = ", ".join(sorted(_OWN))
        raise Invalid(
            f"There is no validator named {name}. Take one of {known} or stdnum:<module>."
        )
    check, check_digit, chance = _OWN[name]
    return Validator(name, check, check_digit, chance, fast=name in _FAST)


def validator_names() -> tuple[str, ...]:
    """Validators that a custom classifier may name."""
    return tuple(sorted(_OWN))
