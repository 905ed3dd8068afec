"""Numbers with check digits, made by the thousand: cards, accounts, tax and insurance numbers."""

from typing import Final

import numpy as np
import polars as pl

from muniment.demo.estate.values.draw import (
    Bytes,
    Ints,
    Rng,
    ascii_rows,
    by_group,
    digit_text,
    digits,
    joined,
    patterned,
    weighted,
)

# Number ranges that card schemes publish for tests; no issued card lies in them.
CARD_BRANDS: Final = ("Visa", "Mastercard", "American Express", "Discover")
_CARD_RANGES: Final = (
    ("411111", 16),
    ("555555", 16),
    ("378282", 15),
    ("601111", 16),
    ("424242", 16),
    ("510510", 16),
)
_CARD_BRAND_OF_RANGE: Final = (0, 1, 2, 3, 0, 1)

BANKS: Final = (
    (
        ("37040044", "COBADEFFXXX", "Commerzbank"),
        ("50010517", "INGDDEFFXXX", "ING-DiBa"),
        ("10070000", "DEUTDEBBXXX", "Deutsche Bank"),
        ("12030000", "BYLADEM1001", "Deutsche Kreditbank"),
        ("43060967", "GENODEM1GLS", "GLS Gemeinschaftsbank"),
    ),
    (
        ("30004", "BNPAFRPPXXX", "BNP Paribas"),
        ("30003", "SOGEFRPPXXX", "Société Générale"),
        ("18206", "AGRIFRPP882", "Crédit Agricole"),
        ("20041", "PSSTFRPPXXX", "La Banque Postale"),
    ),
    (
        ("NWBK", "NWBKGB2LXXX", "NatWest"),
        ("BARC", "BARCGB22XXX", "Barclays"),
        ("LOYD", "LOYDGB2LXXX", "Lloyds Bank"),
        ("HBUK", "HBUKGB4BXXX", "HSBC UK"),
    ),
)
_NINO_PREFIXES: Final = (
    "AB", "AE", "CE", "CR", "EH", "GH", "HL", "JB", "JM", "KC", "LE", "LW", "MX", "NA", "NH",
    "OA", "PA", "PW", "RA", "RK", "SA", "SC", "SE", "SK", "TA", "WA", "WM", "YA", "ZE", "ZY",
)  # fmt: skip


def luhn_digit(rows: Bytes) -> Bytes:
    """The Luhn check digit to append to each row of digits."""
    doubled = rows.astype(np.int64)
    doubled[:, ::-1][:, ::2] *= 2
    total = np.where(doubled > 9, doubled - 9, doubled).sum(axis=1, dtype=np.int64)
    check: Bytes = (-total % 10).astype(np.uint8)
    return check


def card_numbers(rng: Rng, n: int) -> tuple[pl.Series, pl.Series]:
    """Payment card numbers in published test ranges, with their brands."""
    ranges = weighted(rng, n, len(_CARD_RANGES), (30, 25, 6, 4, 20, 15))

    def make(which: int, count: int) -> pl.Series:
        prefix, width = _CARD_RANGES[which]
        body = np.tile(np.frombuffer(prefix.encode(), dtype=np.uint8) - np.uint8(48), (count, 1))
        body = np.hstack([body, digits(rng, count, width - 7)])
        return digit_text(np.hstack([body, luhn_digit(body)[:, None]]))

    brands = np.array(CARD_BRANDS)[np.array(_CARD_BRAND_OF_RANGE)[ranges]]
    return by_group(ranges, make), pl.Series(brands.tolist(), dtype=pl.String)


def _remainder97(text: Bytes) -> Ints:
    """Each row as one long number, modulo 97; a letter counts as two digits, A = 10."""
    rest = np.zeros(len(text), dtype=np.int64)
    for column in text.T.astype(np.int64):
        letter = column >= 65
        rest = np.where(letter, rest * 100 + column - 55, rest * 10 + column - 48) % 97
    return rest


def _ascii(text: str, n: int) -> Bytes:
    return np.tile(np.frombuffer(text.encode("ascii"), dtype=np.uint8), (n, 1))


def _two_digits(numbers: Ints) -> Bytes:
    return (np.stack([numbers // 10, numbers % 10], axis=1) + 48).astype(np.uint8)


def _account_body(rng: Rng, country: int, bank: str, n: int) -> Bytes:
    head = _ascii(bank, n)
    if country == 0:
        return np.hstack([head, digits(rng, n, 10) + np.uint8(48)])
    if country == 2:
        return np.hstack([head, digits(rng, n, 14) + np.uint8(48)])
    branch, account = rng.integers(0, 100_000, n), rng.integers(0, 10**11, n)
    key = 97 - (89 * int(bank) + 15 * branch + 3 * account) % 97
    rows = [
        joined(pl.Series(v).cast(pl.String).str.zfill(w))
        for v, w in ((branch, 5), (account, 11), (key, 2))
    ]
    tail = np.frombuffer("".join(joined(*rows).to_list()).encode(), dtype=np.uint8).reshape(n, 18)
    return np.hstack([head, tail])


def bank_accounts(rng: Rng, country: Ints) -> tuple[pl.Series, pl.Series, pl.Series]:
    """IBAN, BIC and bank name for accounts in DE, FR and GB; all three missing for the US."""
    bank = rng.integers(0, 20, len(country))
    group = country * 20 + bank % np.array([len(b) for b in BANKS] + [1])[country]

    def iban(which: int, n: int) -> pl.Series:
        land, number = divmod(which, 20)
        if land >= len(BANKS):
            return pl.Series([None] * n, dtype=pl.String)
        body = _account_body(rng, land, BANKS[land][number][0], n)
        letters = _ascii(("DE", "FR", "GB")[land], n)
        check = 98 - _remainder97(np.hstack([body, letters, _ascii("00", n)]))
        return ascii_rows(np.hstack([letters, _two_digits(check), body]))

    def named(part: int) -> pl.Series:
        def make(which: int, n: int) -> pl.Series:
            land, number = divmod(which, 20)
            return pl.Series(
                [BANKS[land][number][part] if land < len(BANKS) else None] * n, dtype=pl.String
            )

        return by_group(group, make)

    return by_group(group, iban), named(1), named(2)


def us_routing_numbers(rng: Rng, n: int) -> pl.Series:
    """US ABA routing numbers."""
    body = digits(rng, n, 8)
    body[:, 0], body[:, 1] = 0, 1 + rng.integers(0, 9, n)
    total = body.astype(np.int64) @ np.array([3, 7, 1, 3, 7, 1, 3, 7])
    return digit_text(np.hstack([body, (-total % 10).astype(np.uint8)[:, None]]))


def us_ssns(rng: Rng, n: int) -> pl.Series:
    """US social security numbers in ranges that could be issued."""
    area = rng.integers(1, 665, n)
    parts = ((area, 3), (rng.integers(1, 100, n), 2), (rng.integers(1, 10_000, n), 4))
    texts = [pl.Series(v).cast(pl.String).str.zfill(w) for v, w in parts]
    return joined(texts[0], "-", texts[1], "-", texts[2])


def gb_ninos(rng: Rng, n: int) -> pl.Series:
    """UK national insurance numbers."""
    patterns = [f"{prefix}######{suffix}" for prefix in _NINO_PREFIXES for suffix in "ABCD"]
    return patterned(rng, patterns, rng.integers(0, len(patterns), n))


def gb_nhs_numbers(rng: Rng, n: int) -> pl.Series:
    """NHS numbers, written 3-3-4."""
    body = digits(rng, n, 9)
    body[:, 0] = 4 + body[:, 0] % 3
    check = _nhs_digit(body)
    while (bad := check == 10).any():
        body[bad, 8] = (body[bad, 8] + 1) % 10
        check = _nhs_digit(body)
    text = digit_text(np.hstack([body, check.astype(np.uint8)[:, None]]))
    return joined(text.str.slice(0, 3), " ", text.str.slice(3, 3), " ", text.str.slice(6, 4))


def _nhs_digit(body: Bytes) -> Ints:
    return (11 - body.astype(np.int64) @ np.arange(10, 1, -1) % 11) % 11


def de_tax_ids(rng: Rng, n: int) -> pl.Series:
    """German tax identification numbers: exactly one of the first ten digits occurs twice."""
    body = rng.random((n, 10)).argsort(axis=1).astype(np.uint8)
    rows, source, target = np.arange(n), rng.integers(0, 10, n), rng.integers(1, 10, n)
    body[rows, (source + target) % 10] = body[rows, source]
    leading = np.flatnonzero(body[:, 0] == 0)
    first = (body[leading] != 0).argmax(axis=1)
    body[leading, 0], body[leading, first] = body[leading, first], 0
    return digit_text(np.hstack([body, _mod_11_10(body)[:, None]]))


def _mod_11_10(body: Bytes) -> Bytes:
    """ISO 7064 MOD 11,10 check digit."""
    check = np.full(len(body), 5, dtype=np.int64)
    for column in body.T.astype(np.int64):
        check = (np.where(check == 0, 10, check) * 2 % 11 + column) % 10
    return ((1 - np.where(check == 0, 10, check) * 2 % 11) % 10).astype(np.uint8)


def de_pension_numbers(rng: Rng, born: pl.Series) -> pl.Series:
    """German pension insurance numbers of people born on these days."""
    n = len(born)
    area = np.array([2, 3, 4, 8, 9, 10, 13, 17, 25, 28, 29, 38, 39, 40, 65])[rng.integers(0, 15, n)]
    letter, serial = rng.integers(1, 27, n), rng.integers(0, 100, n)
    day, month, year = (
        part.to_numpy().astype(np.int64)
        for part in (born.dt.day(), born.dt.month(), born.dt.year() % 100)
    )
    pairs = [area, day, month, year, letter, serial]
    rows = np.hstack([_two_digits(pair) - np.uint8(48) for pair in pairs]).astype(np.int64)
    products = rows * np.array([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
    check = (products // 10 + products % 10).sum(axis=1) % 10
    text = digit_text(np.hstack([rows, check[:, None]]).astype(np.uint8))
    name = ascii_rows((letter + 64).astype(np.uint8)[:, None])
    return joined(text.str.slice(0, 8), name, text.str.slice(10, 3))


def de_health_numbers(rng: Rng, n: int) -> pl.Series:
    """German health insurance numbers (KVNR)."""
    letter, body = rng.integers(1, 27, n), digits(rng, n, 8)
    products = np.hstack([_two_digits(letter) - np.uint8(48), body]).astype(np.int64) * np.array(
        [1, 2] * 5
    )
    check = (products // 10 + products % 10).sum(axis=1) % 10
    rows = np.hstack(
        [
            (letter + 64).astype(np.uint8)[:, None],
            body + np.uint8(48),
            (check + 48).astype(np.uint8)[:, None],
        ]
    )
    return ascii_rows(rows)


def fr_social_numbers(rng: Rng, born: pl.Series, female: Ints) -> pl.Series:
    """French social security numbers (NIR) of people born on these days."""
    n = len(born)
    year, month = (
        part.to_numpy().astype(np.int64) for part in (born.dt.year() % 100, born.dt.month())
    )
    department = rng.integers(1, 95, n)
    department += department >= 20  # 20 is Corsica, written 2A and 2B
    number = (1 + female) * 10**12 + year * 10**10 + month * 10**8 + department * 10**6
    number += rng.integers(1, 600, n) * 1000 + rng.integers(1, 999, n)
    return joined(
        pl.Series(number).cast(pl.String), pl.Series(97 - number % 97).cast(pl.String).str.zfill(2)
    )


def us_provider_numbers(rng: Rng, n: int) -> pl.Series:
    """US national provider identifiers."""
    body = np.hstack([np.ones((n, 1), dtype=np.uint8), digits(rng, n, 8)])
    issuer = np.tile(np.array([8, 0, 8, 4, 0], dtype=np.uint8), (n, 1))
    return digit_text(np.hstack([body, luhn_digit(np.hstack([issuer, body]))[:, None]]))


def us_medicare_ids(rng: Rng, n: int) -> pl.Series:
    """US Medicare beneficiary identifiers."""
    allowed = np.frombuffer(b"ACDEFGHJKMNPQRTUVWXY0123456789", dtype=np.uint8)
    kinds = {"1": (21, 30), "A": (0, 20), "N": (20, 30), "X": (0, 30)}
    columns = [allowed[rng.integers(*kinds[kind], n)] for kind in "1AXNAXNAANN"]
    return ascii_rows(np.stack(columns, axis=1))


def vat_numbers(rng: Rng, country: Ints) -> pl.Series:
    """VAT numbers of DE, FR and GB firms; US firms get an employer number."""

    def make(land: int, n: int) -> pl.Series:
        match land:
            case 0:
                body = digits(rng, n, 8)
                body[:, 0] = 1 + body[:, 0] % 9
                return joined("DE", digit_text(np.hstack([body, _mod_11_10(body)[:, None]])))
            case 1:
                body = digits(rng, n, 8)
                body[:, 0] = 3 + body[:, 0] % 6
                siren = digit_text(np.hstack([body, luhn_digit(body)[:, None]]))
                key = (12 + 3 * (siren.cast(pl.Int64) % 97)) % 97
                return joined("FR", key.cast(pl.String).str.zfill(2), siren)
            case 2:
                body = digits(rng, n, 7)
                body[:, 0] = 1 + body[:, 0] % 9
                check = -(body.astype(np.int64) @ np.arange(8, 1, -1)) % 97
                return joined("GB", digit_text(body), pl.Series(check).cast(pl.String).str.zfill(2))
            case _:
                patterns = [
                    f"{prefix}-#######"
                    for prefix in ("12", "20", "27", "36", "45", "47", "61", "81", "84")
                ]
                return patterned(rng, patterns, rng.integers(0, len(patterns), n))

    return by_group(country, make)


def article_numbers(rng: Rng, n: int) -> pl.Series:
    """EAN-13 article numbers of a German registrant."""
    body = np.hstack([np.tile(np.array([4, 0, 2, 6], dtype=np.uint8), (n, 1)), digits(rng, n, 8)])
    check = -(body.astype(np.int64) @ np.array([1, 3] * 6)) % 10
    return digit_text(np.hstack([body, check.astype(np.uint8)[:, None]]))


def mac_addresses(rng: Rng, n: int) -> pl.Series:
    """MAC addresses of a few makers of hand scanners."""
    raw = joined(
        patterned(rng, ["00a0f8", "84248d", "c4da7d", "0023a7"], rng.integers(0, 4, n)),
        _hex6(rng, n),
    )
    return joined(
        *[part for i in range(6) for part in ((":" if i else ""), raw.str.slice(2 * i, 2))]
    )


def _hex6(rng: Rng, n: int) -> pl.Series:
    return pl.Series(
        [f"{value:06x}" for value in rng.integers(0, 1 << 24, n).tolist()], dtype=pl.String
    )


def ip_addresses(rng: Rng, n: int) -> pl.Series:
    """IPv4 addresses as households get them."""
    first = np.array(
        [24, 50, 62, 73, 77, 78, 79, 80, 81, 82, 84, 86, 87, 88, 90, 91, 92, 93, 98, 109]
    )[rng.integers(0, 20, n)]
    parts = [
        pl.Series(v).cast(pl.String) for v in (first, *(rng.integers(1, 255, n) for _ in range(3)))
    ]
    return joined(parts[0], ".", parts[1], ".", parts[2], ".", parts[3])
