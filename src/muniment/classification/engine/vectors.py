"""The common check digits over many values at once, in numpy.

``VECTOR`` answers whole validators. ``may_pass`` says of python-stdnum's what their check
digits demand: what fails is out at once, what passes is still looked at value by value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from muniment.classification.engine.texts import WIDTH, Digits, Flags
from muniment.classification.engine.validators import _CARD_PREFIXES as CARD_PREFIXES

Numbers = npt.NDArray[np.int64]


def _weighed(digits: Digits, weights: tuple[int, ...]) -> Numbers:
    """Sum of the last digits by their weights; float32 is exact here and runs in BLAS."""
    last = digits.matrix[:, WIDTH - len(weights) :].astype(np.float32)
    return (last @ np.array(weights, dtype=np.float32)).astype(np.int64)


_PLAIN = tuple(1 if at % 2 else 0 for at in range(WIDTH))
_DOUBLED = tuple(0 if at % 2 else 2 for at in range(WIDTH))


def _luhn_sum(digits: Digits) -> Numbers:
    """Digits, every second one doubled; a doubled one above four gives nine too much."""
    high = (digits.matrix[:, WIDTH - 2 :: -2] > 4).sum(axis=1)
    both = tuple(a + b for a, b in zip(_PLAIN, _DOUBLED, strict=True))
    total: Numbers = _weighed(digits, both) - 9 * high
    return total


def luhn(digits: Digits) -> Flags:
    """Which values pass the Luhn check; at least two digits, at most 24."""
    lengths = digits.lengths
    flags: Flags = (_luhn_sum(digits) % 10 == 0) & (lengths >= 2) & (lengths <= WIDTH)
    return flags


def _varied(digits: Digits, least: int) -> Flags:
    """Which values have more than ``least`` different digits."""
    inside = np.arange(WIDTH)[None, :] >= (WIDTH - digits.lengths)[:, None]
    bits = np.where(inside, np.left_shift(1, digits.matrix, dtype=np.int16), 0)
    seen = np.bitwise_or.reduce(bits, axis=1)
    flags: Flags = np.bitwise_count(seen.astype(np.uint16)) > least
    return flags


def card(digits: Digits) -> Flags:
    """Which values are payment cards: issuer prefix, length, check digit, more than one digit."""
    prefix, lengths = digits.number(0, 6), digits.lengths
    issued = np.zeros(len(prefix), dtype=np.bool_)
    for low, high, sizes in CARD_PREFIXES:
        issued |= (prefix >= low) & (prefix <= high) & np.isin(lengths, sizes)
    flags: Flags = issued & (_luhn_sum(digits) % 10 == 0) & _varied(digits, 1)
    return flags


def imei(digits: Digits) -> Flags:
    first = digits.matrix[:, WIDTH - 15]
    flags: Flags = (
        (digits.lengths == 15) & (first != 0) & (_luhn_sum(digits) % 10 == 0) & _varied(digits, 3)
    )
    return flags


def iccid(digits: Digits) -> Flags:
    lengths = digits.lengths
    start = digits.number(0, 2) == 89
    flags: Flags = ((lengths == 19) | (lengths == 20)) & start & (_luhn_sum(digits) % 10 == 0)
    return flags


def npi(digits: Digits) -> Flags:
    """Luhn over 80840 and ten digits: the prefix adds a constant 24."""
    first = digits.matrix[:, WIDTH - 10]
    flags: Flags = (
        (digits.lengths == 10)
        & ((first == 1) | (first == 2))
        & ((_luhn_sum(digits) + 24) % 10 == 0)
    )
    return flags


VECTOR: Mapping[str, Callable[[Digits], Flags]] = {
    "luhn": luhn,
    "card": card,
    "imei": imei,
    "iccid": iccid,
    "npi": npi,
}


@dataclass(frozen=True, slots=True)
class Sum:
    """A check over the last digits: the remainder of their weighed sum says the check value.

    ``check`` weighs the digits that hold the check value. ``says`` gives it for each remainder,
    ``None`` where no number with that remainder is issued.
    """

    weights: tuple[int, ...]
    modulus: int
    check: tuple[int, ...]
    says: tuple[int | None, ...]

    def passes(self, digits: Digits) -> Flags:
        """Which values hold the check value that the rest of their digits demand."""
        says = np.array([-1 if s is None else s for s in self.says], dtype=np.int64)
        demanded = says[_weighed(digits, self.weights) % self.modulus]
        flags: Flags = demanded == _weighed(digits, self.check)
        return flags


def zero(weights: tuple[int, ...], modulus: int) -> Sum:
    """The weighed sum, check digit included, leaves nothing."""
    size = len(weights)
    return Sum(weights, modulus, (0,) * size, (0,) + (None,) * (modulus - 1))


def last(weights: tuple[int, ...], modulus: int, says: tuple[int | None, ...]) -> Sum:
    """The last digit is what the remainder of those before it says."""
    return Sum((*weights, 0), modulus, (0,) * len(weights) + (1,), says)


_DOWN_11: tuple[int | None, ...] = (0, 0, *range(9, 0, -1))
"""Eleven less the remainder; zero for remainders of zero and one."""
_STRICT_11: tuple[int | None, ...] = (0, None, *range(9, 0, -1))
_SAME_11: tuple[int | None, ...] = (*range(10), 0)
_DOWN_10: tuple[int | None, ...] = (0, *range(9, 0, -1))


def _down(first: int, size: int) -> tuple[int, ...]:
    """``size`` weights that fall by one, from ``first``."""
    return tuple(first - step for step in range(size))


def mod_11_10(digits: Digits) -> Flags:
    """ISO/IEC 7064 MOD 11,10 over all digits."""
    check = np.full(len(digits.lengths), 5, dtype=np.int64)
    for at in range(WIDTH):
        begun = WIDTH - digits.lengths <= at
        step = (np.where(check == 0, 10, check) * 2 % 11 + digits.matrix[:, at]) % 10
        check = np.where(begun, step, check)
    flags: Flags = check == 1
    return flags


_DIHEDRAL = tuple(
    tuple(
        (a + b) % 5 if a < 5 and b < 5
        else (a + b % 5) % 5 + 5 if a < 5
        else (a - b) % 5 + 5 if b < 5
        else (a - b) % 5
        for b in range(10)
    )
    for a in range(10)
)  # fmt: skip
_TURN = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def verhoeff(digits: Digits) -> Flags:
    """Verhoeff's check over all digits, by the group of turns of a pentagon."""
    times = np.array(_DIHEDRAL)
    turned = np.arange(10)
    state = np.zeros(len(digits.lengths), dtype=np.int64)
    for place in range(WIDTH):
        inside = place < digits.lengths
        fresh = times[state, turned[digits.matrix[:, WIDTH - 1 - place]]]
        state = np.where(inside, fresh, state)
        turned = np.array(_TURN)[turned]
    flags: Flags = state == 0
    return flags


def _powers(size: int, modulus: int) -> tuple[int, ...]:
    """Weights that make a weighed sum the number itself, modulo ``modulus``."""
    return tuple(pow(10, at, modulus) for at in reversed(range(size)))


def _complement_97(size: int, ahead: int = 0) -> Sum:
    """The last two digits are 97 less the remainder of those before, ``ahead`` put in front."""
    extra = ahead * pow(10, size, 97)
    return Sum(
        (*_powers(size, 97), 0, 0),
        97,
        (0,) * size + (10, 1),
        tuple(97 - (rest + extra) % 97 for rest in range(97)),
    )


def _luhn_of_last(size: int) -> Callable[[Digits], Flags]:
    """Luhn over the last digits only."""

    def passes(digits: Digits) -> Flags:
        matrix = digits.matrix.copy()
        matrix[:, : WIDTH - size] = 0
        return luhn(Digits(matrix, digits.lengths, digits.pure))

    return passes


_CPF = Sum((*_down(10, 9), 0, 0), 11, (0,) * 9 + (1, 0), _DOWN_11)
_CNPJ = Sum((5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2, 0, 0), 11, (0,) * 12 + (1, 0), _DOWN_11)
_TEN_LESS_11: tuple[int | None, ...] = (1, 0, *range(9, 0, -1))
_CUIT = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_EMSO = (7, 6, 5, 4, 3, 2) * 2
_MATICNA: tuple[int | None, ...] = (None, 0, *range(9, 0, -1))
_INN_12 = Sum((7, 2, 4, 10, 3, 5, 9, 4, 6, 8, 0, 0), 11, (0,) * 10 + (1, 0), _SAME_11)
_RIC = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ABN = Sum((10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19), 89, (0,) * 11,
           tuple(0 if rest == 10 else None for rest in range(89)))  # fmt: skip
_NIT = (47, 43, 41, 37, 29, 23, 19, 17, 13, 7, 3)
_TCKIMLIK = Sum((7, -1) * 4 + (7, 0, 0), 10, (0,) * 9 + (1, 0), tuple(range(10)))
_VNR = Sum((3, 7, 9, 0, 5, 8, 4, 2, 1, 6), 11, (0, 0, 0, 1, *(0,) * 6), (*range(10), None))
_UTR = Sum((0, 6, 7, 8, 9, 10, 5, 4, 3, 2), 11, (1, *(0,) * 9), (2, 1, *range(9, 0, -1)))
_EAN = zero((1, 3) * 11 + (1,), 10)
_ISBN_10 = zero(_down(10, 10), 11)
_NN = _complement_97(9), _complement_97(9, 2)
_BALTIC = (
    last((1, 2, 3, 4, 5, 6, 7, 8, 9, 1), 11, (*range(10), None)),
    last((3, 4, 5, 6, 7, 8, 9, 1, 2, 3), 11, _SAME_11),
)

Check = Callable[[Digits], Flags]

_OF_LENGTH: Mapping[str, tuple[tuple[int, ...], tuple[Sum | Check, ...]]] = {
    "stdnum:ar.cuit": ((11,), (last(_CUIT, 11, (0, 9, *range(9, 0, -1))),)),
    "stdnum:at.vnr": ((10,), (_VNR,)),
    "stdnum:au.abn": ((11,), (_ABN,)),
    "stdnum:au.acn": ((9,), (last(_down(8, 8), 10, _DOWN_10),)),
    "stdnum:au.tfn": ((9,), (zero((1, 4, 3, 7, 5, 8, 6, 9, 10), 11),)),
    "stdnum:be.nn": ((11,), _NN),
    "stdnum:be.bis": ((11,), _NN),
    "stdnum:be.ssn": ((11,), _NN),
    "stdnum:bg.egn": ((10,), (last((2, 4, 8, 5, 10, 9, 7, 3, 6), 11, _SAME_11),)),
    "stdnum:bg.pnf": ((10,), (last((21, 19, 17, 13, 11, 9, 7, 3, 1), 10, tuple(range(10))),)),
    "stdnum:br.cnpj": ((14,), (_CNPJ,)),
    "stdnum:br.cpf": ((11,), (_CPF,)),
    "stdnum:ca.sin": ((9,), (luhn,)),
    "stdnum:ca.bn": ((9,), (luhn,)),
    "stdnum:casrn": ((7, 8, 9, 10), (last(_down(9, 9), 10, tuple(range(10))),)),
    "stdnum:ch.ssn": ((13,), (_EAN,)),
    "stdnum:cl.rut": ((8, 9), (last((3, 2, 7, 6, 5, 4, 3, 2), 11, _STRICT_11),)),
    "stdnum:cn.ric": ((18,), (last(_RIC, 11, (1, 0, None, *range(9, 1, -1))),)),
    "stdnum:co.nit": ((9, 10, 11, 12), (last(_NIT, 11, (0, 1, *range(9, 0, -1))),)),
    "stdnum:cz.rc": ((10,), (last(_powers(9, 11), 11, _SAME_11),)),
    "stdnum:sk.rc": ((10,), (last(_powers(9, 11), 11, _SAME_11),)),
    "stdnum:de.idnr": ((11,), (mod_11_10,)),
    "stdnum:de.vat": ((9,), (mod_11_10,)),
    "stdnum:dk.cvr": ((8,), (zero((2, 7, 6, 5, 4, 3, 2, 1), 11),)),
    "stdnum:ean": ((8, 12, 13, 14), (_EAN,)),
    "stdnum:ec.ci": ((10,), (luhn,)),
    "stdnum:ee.ik": ((11,), _BALTIC),
    "stdnum:ee.kmkr": ((9,), (zero((3, 7, 1) * 3, 10),)),
    "stdnum:fi.alv": ((8,), (zero((7, 9, 10, 5, 8, 4, 2, 1), 11),)),
    "stdnum:fi.ytunnus": ((8,), (zero((7, 9, 10, 5, 8, 4, 2, 1), 11),)),
    "stdnum:fr.nir": ((15,), (_complement_97(13),)),
    "stdnum:fr.siren": ((9,), (luhn,)),
    "stdnum:gb.nhs": ((10,), (_ISBN_10,)),
    "stdnum:gb.utr": ((10,), (_UTR,)),
    "stdnum:gr.amka": ((11,), (luhn,)),
    "stdnum:gr.vat": ((9,), (last((256, 128, 64, 32, 16, 8, 4, 2), 11, _SAME_11),)),
    "stdnum:hr.oib": ((11,), (mod_11_10,)),
    "stdnum:hu.anum": ((8,), (zero((9, 7, 3, 1) * 2, 10),)),
    "stdnum:il.idnr": ((8, 9), (luhn,)),
    "ir_national_id": ((10,), (last(_down(10, 9), 11, (0, 1, *range(9, 0, -1))),)),
    "stdnum:imei": ((15,), (luhn,)),
    "stdnum:in_.aadhaar": ((12,), (verhoeff,)),
    "stdnum:in_.vid": ((16,), (verhoeff,)),
    "aadhaar": ((12,), (verhoeff,)),
    "verhoeff": ((), (verhoeff,)),
    "stdnum:is_.kennitala": ((10,), (zero((3, 2, 7, 6, 5, 4, 3, 2, 1, 0), 11),)),
    "stdnum:isbn": ((10, 13), (_EAN, _ISBN_10)),
    "stdnum:it.iva": ((11,), (luhn,)),
    "stdnum:jp.in_": ((12,), (last((6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11, _DOWN_11),)),
    "my_number": ((12,), (last((6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11, _DOWN_11),)),
    "stdnum:kr.rrn": ((13,), (last((2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), 11, _TEN_LESS_11),)),
    "stdnum:lt.asmens": ((11,), _BALTIC),
    "stdnum:md.idno": ((13,), (last((7, 3, 1) * 4, 10, tuple(range(10))),)),
    "stdnum:me.pib": ((8,), (last(_down(8, 7), 11, _DOWN_11),)),
    "stdnum:mk.edb": ((13,), (last(_EMSO, 11, _DOWN_11),)),
    "stdnum:nl.bsn": ((9,), (zero((9, 8, 7, 6, 5, 4, 3, 2, -1), 11),)),
    "stdnum:no.fodselsnummer": ((11,), (zero((5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), 11),)),
    "stdnum:no.kontonr": ((11,), (zero((5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), 11),)),
    "stdnum:no.orgnr": ((9,), (zero((3, 2, 7, 6, 5, 4, 3, 2, 1), 11),)),
    "stdnum:pe.ruc": ((11,), (last(_CUIT, 11, _TEN_LESS_11),)),
    "stdnum:pl.nip": ((10,), (zero((6, 5, 7, 2, 3, 4, 5, 6, 7, -1), 11),)),
    "stdnum:pl.pesel": ((11,), (last((1, 3, 7, 9, 1, 3, 7, 9, 1, 3), 10, _DOWN_10),)),
    "stdnum:pl.regon": ((9,), (last((8, 9, 2, 3, 4, 5, 6, 7), 11, _SAME_11),)),
    "stdnum:pt.nif": ((9,), (last(_down(9, 8), 11, _DOWN_11),)),
    "stdnum:ro.cnp": ((13,), (last((2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9), 11, (*range(10), 1)),)),
    "stdnum:ro.cui": (
        tuple(range(2, 11)),
        (last((7, 5, 3, 2, 1, 7, 5, 3, 2), 11, tuple(10 * rest % 11 % 10 for rest in range(11))),),
    ),
    "stdnum:rs.pib": ((9,), (mod_11_10,)),
    "stdnum:ru.inn": ((10, 12), (last((2, 4, 10, 3, 5, 9, 4, 6, 8), 11, _SAME_11), _INN_12)),
    "stdnum:ru.ogrn": ((13,), (last(_powers(12, 11), 11, _SAME_11),)),
    "stdnum:se.orgnr": ((10,), (luhn,)),
    "stdnum:se.personnummer": ((10, 12), (_luhn_of_last(10),)),
    "stdnum:si.emso": ((13,), (last(_EMSO, 11, _DOWN_11),)),
    "stdnum:si.maticna": (
        (7, 10),
        (
            last((7, 6, 5, 4, 3, 2), 11, _MATICNA),
            Sum((7, 6, 5, 4, 3, 2, 0, 0, 0, 0), 11, (0,) * 6 + (1, 0, 0, 0), _MATICNA),
        ),
    ),
    "stdnum:th.moa": ((13,), (last(_down(13, 12), 11, _TEN_LESS_11),)),
    "stdnum:th.pin": ((13,), (last(_down(13, 12), 11, _TEN_LESS_11),)),
    "stdnum:th.tin": ((13,), (last(_down(13, 12), 11, _TEN_LESS_11),)),
    "stdnum:tr.tckimlik": ((11,), (_TCKIMLIK,)),
    "stdnum:ua.rntrc": ((10,), (last((-1, 5, 7, 9, 4, 6, 10, 5, 7), 11, _SAME_11),)),
    "stdnum:us.rtn": ((9,), (zero((3, 7, 1) * 3, 10),)),
    "aba": ((9,), (zero((3, 7, 1) * 3, 10),)),
    "stdnum:vn.mst": (
        (10,),
        (last((31, 29, 23, 19, 17, 13, 7, 5, 3), 11, (None, *range(9, -1, -1))),),
    ),
    "stdnum:za.idnr": ((13,), (luhn,)),
    "stdnum:za.tin": ((10,), (luhn,)),
}
"""By validator: the lengths that the sums hold for, and the sums of which one must pass."""


def has_sums(name: str) -> bool:
    """Whether ``may_pass`` knows anything of a validator."""
    return name in _OF_LENGTH


def may_pass(name: str, digits: Digits) -> Flags:
    """Which values a validator may accept: those that fail its sums are out, whatever else it asks.

    Values with letters, or of a length that the sums do not hold for, may pass.
    """
    lengths, sums = _OF_LENGTH[name]
    passing = ~digits.pure
    if lengths:
        passing |= ~np.isin(digits.lengths, lengths)
    for each in sums:
        passing |= each.passes(digits) if isinstance(each, Sum) else each(digits)
    return passing
