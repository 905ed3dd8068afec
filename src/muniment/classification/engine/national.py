"""Check digits of national numbers that python-stdnum does not know."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from stdnum import luhn as _luhn
from stdnum import verhoeff as _verhoeff

_APART = re.compile(r"[\s./()-]")


def _plain(text: str) -> str:
    """Upper case without the marks that people write between groups."""
    return _APART.sub("", text.upper())


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(c) * w for c, w in zip(digits, weights, strict=True))


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _digits(text: str, count: int) -> str | None:
    plain = _plain(text)
    return plain if len(plain) == count and plain.isascii() and plain.isdigit() else None


def au_medicare(text: str) -> bool:
    """Australia: eight digits from 2 to 6 on, weights 1 3 7 9, then the check, then the issue."""
    plain = _plain(text)
    if not re.fullmatch(r"[2-6][0-9]{8}[1-9][0-9]?", plain):
        return False
    return _weighted(plain[:8], (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(plain[8])


def de_lanr(text: str) -> bool:
    """German doctors: weights 4 and 9 over six digits, the seventh completes to ten."""
    plain = _digits(text, 9)
    if plain is None:
        return False
    return -_weighted(plain[:6], (4, 9, 4, 9, 4, 9)) % 10 == int(plain[6])


def de_rvnr(text: str) -> bool:
    """German pension insurance (VKVV section 4): the letter as two digits, then sums of digits."""
    plain = _plain(text)
    if not re.fullmatch(r"[0-9]{8}[A-Z][0-9]{3}", plain):
        return False
    if not 1 <= int(plain[4:6]) <= 12:
        return False
    digits = f"{plain[:8]}{ord(plain[8]) - 64:02d}{plain[9:11]}"
    products = (
        int(c) * w for c, w in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)
    )
    return sum(p // 10 + p % 10 for p in products) % 10 == int(plain[11])


def es_ssn(text: str) -> bool:
    """Spanish social security: province and number modulo 97."""
    plain = _digits(text, 12)
    if plain is None or not (1 <= int(plain[:2]) <= 53 or plain[:2] == "66"):
        return False
    number = int(plain[2:10])
    whole = int(plain[:2]) * 10**7 + number if number < 10**7 else int(plain[:10])
    return whole % 97 == int(plain[10:])


def gb_chi(text: str) -> bool:
    """Scottish community health index: day of birth, four digits, weights 10 to 2 modulo 11."""
    plain = _digits(text, 10)
    if plain is None or not (1 <= int(plain[:2]) <= 31 and 1 <= int(plain[2:4]) <= 12):
        return False
    return -_weighted(plain[:9], range(10, 1, -1)) % 11 == int(plain[9])


def hk_hkid(text: str) -> bool:
    """Hong Kong: letters from A = 10 on, an empty first place 36, weights 9 to 1 modulo 11."""
    plain = _plain(text)
    if not re.fullmatch(r"[A-Z]{1,2}[0-9]{6}[0-9A]", plain):
        return False
    values = [int(c, 36) for c in plain[:-1]]
    if len(values) == 7:
        values.insert(0, 36)
    total = sum(v * w for v, w in zip(values, range(9, 1, -1), strict=True))
    return (total + int(plain[-1], 16)) % 11 == 0


def hu_anum(text: str) -> bool:
    """Hungarian tax number of companies: weights 9 7 3 1 over the first eight digits."""
    plain = _plain(text).removeprefix("HU")
    if not re.fullmatch(r"[0-9]{8}(?:[0-9]{3})?", plain):
        return False
    return _weighted(plain[:8], (9, 7, 3, 1, 9, 7, 3, 1)) % 10 == 0


def hu_personal_id(text: str) -> bool:
    """Hungary: weights 1 to 10 up to 1996 and 10 to 1 since then, modulo 11."""
    plain = _digits(text, 11)
    if plain is None or not _is_day("2000", plain[3:5], plain[5:7]):
        return False
    rising = _weighted(plain[:10], range(1, 11)) % 11
    falling = _weighted(plain[:10], range(10, 0, -1)) % 11
    return int(plain[10]) in ((rising,) if plain[0] in "12" and plain[1:3] < "97" else (falling,))


def hu_taj(text: str) -> bool:
    """Hungarian social security: weights 3 and 7 in turn, modulo 10."""
    plain = _digits(text, 9)
    return plain is not None and _weighted(plain[:8], (3, 7) * 4) % 10 == int(plain[8])


def hu_tin(text: str) -> bool:
    """Hungarian tax number of a person: begins with 8, weights 1 to 9 modulo 11."""
    plain = _digits(text, 10)
    if plain is None or plain[0] != "8":
        return False
    return _weighted(plain[:9], range(1, 10)) % 11 == int(plain[9])


def lu_ccss(text: str) -> bool:
    """Luxembourg: day of birth, three digits, a Luhn and a Verhoeff digit over the first eleven."""
    plain = _digits(text, 13)
    if plain is None or not _is_day(plain[:4], plain[4:6], plain[6:8]):
        return False
    luhn = bool(_luhn.is_valid(plain[:12]))
    return luhn and bool(_verhoeff.is_valid(plain[:11] + plain[12]))


_NHI = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def nz_nhi(text: str) -> bool:
    """New Zealand health index (HISO 10046): modulo 11 with a digit, or 23 with a letter."""
    plain = _plain(text)
    if not re.fullmatch(r"[A-HJ-NP-Z]{3}(?:[0-9]{4}|[0-9]{2}[A-HJ-NP-Z]{2})", plain):
        return False
    values = [int(c) if c.isdigit() else _NHI.index(c) + 1 for c in plain[:6]]
    total = sum(v * w for v, w in zip(values, range(7, 1, -1), strict=True))
    if plain[6].isdigit():
        return total % 11 != 0 and (11 - total % 11) % 10 == int(plain[6])
    return _NHI[22 - total % 23] == plain[6]


def pl_identity_card(text: str) -> bool:
    """Polish identity card: three letters, a check digit, five digits; weights 7 3 1."""
    plain = _plain(text)
    if not re.fullmatch(r"[A-Z]{3}[0-9]{6}", plain):
        return False
    values = [int(c, 36) for c in plain]
    return sum(v * w for v, w in zip(values, (7, 3, 1, 9, 7, 3, 1, 7, 3), strict=True)) % 10 == 0


def pt_nib(text: str) -> bool:
    """Portuguese account: bank, branch, account, then ISO 7064 mod 97-10."""
    plain = _digits(text, 21)
    return plain is not None and int(plain) % 97 == 1


def pt_niss(text: str) -> bool:
    """Portuguese social security: the first ten primes as weights, 9 less the rest."""
    plain = _digits(text, 11)
    if plain is None or plain[0] not in "12":
        return False
    return 9 - _weighted(plain[:10], (29, 23, 19, 17, 13, 11, 7, 5, 3, 2)) % 10 == int(plain[10])


def sa_id(text: str) -> bool:
    """Saudi Arabia: ten digits from 1 (citizens) or 2 (residents) on, Luhn."""
    plain = _digits(text, 10)
    return plain is not None and plain[0] in "12" and bool(_luhn.is_valid(plain))


def ru_snils(text: str) -> bool:
    """Russian pension number: weights 9 to 1, modulo 101, where 100 counts as 0."""
    plain = _digits(text, 11)
    if plain is None or plain[:9] <= "001001998":
        return False
    return _weighted(plain[:9], range(9, 0, -1)) % 101 % 100 == int(plain[9:])


def kz_iin(text: str) -> bool:
    """Kazakhstan: weights 1 to 11 modulo 11; where that leaves 10, weights 3 to 11, 1, 2."""
    plain = _digits(text, 12)
    if plain is None or not _is_day("2000", plain[2:4], plain[4:6]):
        return False
    rest = _weighted(plain[:11], range(1, 12)) % 11
    if rest == 10:
        rest = _weighted(plain[:11], (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11
    return rest == int(plain[11])


def mx_clabe(text: str) -> bool:
    """Mexican bank account: weights 3 7 1, each product modulo 10, completed to ten."""
    plain = _digits(text, 18)
    if plain is None or plain[:3] < "002":
        return False
    total = sum(int(c) * w % 10 for c, w in zip(plain[:17], (3, 7, 1) * 6, strict=False))
    return -total % 10 == int(plain[17])


def br_pis(text: str) -> bool:
    """Brazilian PIS/PASEP: weights 3 2 9 8 7 6 5 4 3 2 modulo 11."""
    plain = _digits(text, 11)
    if plain is None or len(set(plain)) == 1:
        return False
    rest = 11 - _weighted(plain[:10], (3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest > 9 else rest) == int(plain[10])


def br_cns(text: str) -> bool:
    """Brazilian health card: weights 15 to 1, divisible by 11."""
    plain = _digits(text, 15)
    if plain is None or plain[0] not in "12789":
        return False
    return _weighted(plain, range(15, 0, -1)) % 11 == 0


def kw_civil_id(text: str) -> bool:
    """Kuwait: day of birth, weights 2 1 6 3 7 9 10 5 8 4 2, eleven less the rest."""
    plain = _digits(text, 12)
    if plain is None or not _is_day("2000", plain[3:5], plain[5:7]):
        return False
    rest = 11 - _weighted(plain[:11], (2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11
    return rest == int(plain[11])


def ir_national_id(text: str) -> bool:
    """Iran: weights 10 to 2 modulo 11; the rest itself below 2, else eleven less it."""
    plain = _digits(text, 10)
    if plain is None or len(set(plain)) == 1:
        return False
    rest = _weighted(plain[:9], range(10, 1, -1)) % 11
    return (rest if rest < 2 else 11 - rest) == int(plain[9])


_TW = dict(
    zip(
        "ABCDEFGHJKLMNPQRSTUVXYWZIO",
        (*range(10, 18), *range(18, 23), *range(23, 30), 30, 31, 32, 33, 34, 35),
        strict=True,
    )
)


def _tw(values: Sequence[int]) -> bool:
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(v * w for v, w in zip(values, weights, strict=True)) % 10 == 0


def tw_id(text: str) -> bool:
    """Taiwan: the letter as two digits, weights 1 9 8 ... 1 1 modulo 10."""
    plain = _plain(text)
    if not re.fullmatch(r"[A-Z][12][0-9]{8}", plain):
        return False
    return _tw([*divmod(_TW[plain[0]], 10), *map(int, plain[1:])])


def tw_arc(text: str) -> bool:
    """Taiwanese residents from abroad: the second place a letter until 2020, then 8 or 9."""
    plain = _plain(text)
    if not re.fullmatch(r"[A-Z][A-D89][0-9]{8}", plain):
        return False
    second = int(plain[1]) if plain[1].isdigit() else _TW[plain[1]] % 10
    return _tw([*divmod(_TW[plain[0]], 10), second, *map(int, plain[2:])])


def uy_ci(text: str) -> bool:
    """Uruguay: weights 2 9 8 7 6 3 4, completed to ten."""
    plain = _plain(text).zfill(8)
    if not re.fullmatch(r"[0-9]{8}", plain):
        return False
    return -_weighted(plain[:7], (2, 9, 8, 7, 6, 3, 4)) % 10 == int(plain[7])


NATIONAL: Mapping[str, Callable[[str], bool]] = {
    "au_medicare": au_medicare,
    "ir_national_id": ir_national_id,
    "kw_civil_id": kw_civil_id,
    "br_cns": br_cns,
    "br_pis": br_pis,
    "mx_clabe": mx_clabe,
    "de_lanr": de_lanr,
    "de_rvnr": de_rvnr,
    "es_ssn": es_ssn,
    "gb_chi": gb_chi,
    "hk_hkid": hk_hkid,
    "hu_anum": hu_anum,
    "hu_personal_id": hu_personal_id,
    "hu_taj": hu_taj,
    "hu_tin": hu_tin,
    "kz_iin": kz_iin,
    "lu_ccss": lu_ccss,
    "nz_nhi": nz_nhi,
    "pl_identity_card": pl_identity_card,
    "pt_nib": pt_nib,
    "pt_niss": pt_niss,
    "ru_snils": ru_snils,
    "sa_id": sa_id,
    "tw_arc": tw_arc,
    "tw_id": tw_id,
    "uy_ci": uy_ci,
}
