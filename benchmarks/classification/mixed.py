"""Write a mixed set of tables with an answer key: known kinds, dirt, hard negatives, all sorts of names.

python mixed.py FOLDER [--seed 1] [--family open|held] [--rounds 4]
"""

import argparse
import csv
import json
import random
import string
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml
from negatives import FAMILIES, MISLEADING
from values import LOCALES, labels, values_of

HELD_LOCALES = {"fr_CH", "es_CO", "sk_SK", "no_NO", "sl_SI", "ko_KR", "pt_PT", "en_IN", "nl_BE"}
"""Locales that the open sets never use; the held-out sets use nothing else where they can."""
NEEDS_NAME = {
    "person.age", "finance.cvv", "finance.account_number", "finance.salary", "secret.password",
    "person.username", "id.employee_number", "id.medical_record", "id.passport_any", "de.plz",
    "us.zip", "finance.card_expiry", "gb.sort_code", "ng.nin", "id.nik", "secret.weak_password_hash",
    "device.imsi", "de.stnr", "geo.latitude", "geo.longitude", "person.birth_date", "us.npi",
    "us.dea", "std.imo", "finance.masked_card", "us.itin", "us.ein", "std.casrn", "std.gb.sedol",
    "std.pk.cnic", "my.nric",
}  # fmt: skip
"""Kinds that nobody could tell from their values alone: their columns always have a telling name."""


@dataclass(frozen=True)
class Column:
    name: str
    labels: list[str]
    family: str
    header: str
    """``named``, ``foreign``, ``blank`` (says nothing) or ``misleading``."""
    values: list[str]


def headers() -> dict[str, tuple[list[str], list[str]]]:
    """Names by label: English ones, then those in other languages."""
    raw = yaml.safe_load((Path(__file__).parent / "headers.yaml").read_text("utf-8"))
    found = {}
    for label, names in raw.items():
        text = ", ".join("" if each is None else str(each) for each in names)
        home, _, abroad = text.partition("|")
        found[label] = (
            [n.strip() for n in home.split(",") if n.strip()],
            [n.strip() for n in abroad.split(",") if n.strip()],
        )
    return found


def blank_name(chance: random.Random) -> str:
    return chance.choice(
        (
            f"col_{chance.randrange(1, 99)}", f"field_{chance.choice('abcdefgh')}",
            f"x{chance.randrange(1, 40)}", f"c{chance.randrange(100)}", f"attr{chance.randrange(30)}",
            f"var_{chance.randrange(60)}", f"F{chance.randrange(50):03d}", f"value{chance.randrange(9)}",
            f"data_{chance.randrange(20)}", f"unnamed_{chance.randrange(20)}", f"z_{chance.choice('pqrs')}",
        )
    )  # fmt: skip


def _typo(text: str, chance: random.Random) -> str:
    if len(text) < 4:
        return text
    at = chance.randrange(len(text) - 1)
    kind = chance.random()
    if kind < 0.4:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind < 0.7:
        return text[:at] + text[at + 1 :]
    return text[:at] + chance.choice(string.ascii_lowercase + string.digits) + text[at:]


def _junk(chance: random.Random) -> str:
    return chance.choice(
        (
            "".join(chance.choice(string.ascii_letters) for _ in range(chance.randint(3, 12))),
            str(chance.randrange(10**6)), "???", "see notes", "test", "asdf", "tbd", "ERR", "xxx",
            "duplicate", "moved", "***",
        )
    )  # fmt: skip


def dirtied(draw: Callable[[random.Random], str], rows: int, chance: random.Random) -> list[str]:
    """Values with what real columns have: gaps, placeholders, blanks, other case, typos, junk."""
    level = chance.choice((0.0, 0.0, 0.4, 1.0))
    gaps = chance.choice((0.0, 0.0, 0.05, 0.3))
    junk = level * chance.choice((0.0, 0.05, 0.1, 0.2))
    placeholder = chance.choice(("N/A", "unknown", "-", "null", "none", "NULL", "n.a."))
    recase = chance.choice((None, None, str.upper, str.lower)) if level == 1.0 else None
    made = []
    for _ in range(rows):
        text = draw(chance)
        luck = chance.random()
        if luck < gaps:
            text = chance.choice(("", "", placeholder))
        elif luck < gaps + junk:
            text = _junk(chance)
        elif chance.random() < 0.03 * level:
            text = _typo(text, chance)
        if recase is not None and chance.random() < 0.25 and "://" not in text:
            text = recase(text)
        if level and chance.random() < 0.06 * level:
            text = chance.choice((" ", "  ", "")) + text + chance.choice((" ", "\t", ""))
        made.append(text)
    return made


CASE_MATTERS = ("secret.", "finance.crypto", "tech.", "net.", "health.blood")


def _positive(
    label: str, header: str, names: Any, rows: int, chance: random.Random, family: str
) -> Column:
    home, abroad = names.get(label, ([], []))
    if header == "foreign" and not abroad:
        header = "named"
    if header == "named" and not home:
        header = "blank"
    name = blank_name(chance)
    if header != "blank":
        name = styled(chance.choice(abroad if header == "foreign" else home), chance)
    locale = None
    if label in LOCALES:
        held = [each for each in LOCALES[label] if (each in HELD_LOCALES) == (family == "held")]
        locale = chance.choice(
            held or [each for each in LOCALES[label] if each not in HELD_LOCALES]
        )
    draw = values_of(label, chance, locale)
    if label.startswith(CASE_MATTERS):
        made = [draw(chance) if chance.random() > 0.05 else "" for _ in range(rows)]
    else:
        pool_size = chance.choice((rows, rows, max(20, rows // 4)))
        pool = [draw(chance) for _ in range(pool_size)]
        made = (
            dirtied(lambda c: c.choice(pool), rows, chance)
            if pool_size < rows
            else dirtied(lambda c, left=list(pool): left.pop() if left else draw(c), rows, chance)
        )
    return Column(name, [label], locale or label, header, made)


def styled(name: str, chance: random.Random) -> str:
    """The name as another house would write it."""
    kind = chance.random()
    if kind < 0.15:
        return name.upper()
    if kind < 0.3 and "_" in name:
        first, *rest = name.split("_")
        return first + "".join(part.capitalize() for part in rest)
    if kind < 0.36:
        return f"{chance.choice(('cust', 'usr', 'tbl', 'src', 'emp'))}_{name}"
    return name


def _negative(family: str, name: str, header: str, rows: int, chance: random.Random) -> Column:
    draw = FAMILIES[family][0](chance)
    return Column(name, [], family, header, dirtied(draw, rows, chance))


def build(seed: int, family: str, rounds: int) -> list[list[Column]]:
    """Tables of columns."""
    chance = random.Random(f"{seed}-{family}")
    names = headers()
    columns: list[Column] = []

    def rows() -> int:
        return chance.choice((40, 120, 250, 400))

    for number in range(rounds):
        for label in labels():
            kinds = ("named", "foreign", "blank", "blank") if number else ("named",)
            header = (
                chance.choice(kinds)
                if label not in NEEDS_NAME
                else chance.choice(("named", "foreign"))
            )
            columns.append(_positive(label, header, names, rows(), chance, family))
        for label in LOCALES:
            header = chance.choice(("named", "foreign", "blank"))
            columns.append(_positive(label, header, names, rows(), chance, family))
        for each, (_, called) in FAMILIES.items():
            if number % 2:
                columns.append(_negative(each, blank_name(chance), "blank", rows(), chance))
            else:
                name = styled(chance.choice(called), chance)
                columns.append(_negative(each, name, "named", rows(), chance))
        if number % 2 == 0:
            for name, each in MISLEADING:
                columns.append(_negative(each, name, "misleading", rows(), chance))
    chance.shuffle(columns)
    tables: list[list[Column]] = []
    while columns:
        size = chance.randint(3, 12)
        table, columns = columns[:size], columns[size:]
        seen: set[str] = set()
        kept = []
        for column in table:
            if column.name.lower() in seen:
                columns.append(column) if len(columns) > size else None
                continue
            seen.add(column.name.lower())
            kept.append(column)
        tables.append(kept)
    return tables


TABLE_NAMES = [
    "customers",
    "export_2024",
    "t_017",
    "sales_q3",
    "dump",
    "people_v2",
    "stg_accounts",
    "data_dump",
    "partners",
    "load_tmp",
    "raw_feed",
    "report",
]


def write(folder: Path, tables: list[list[Column]], seed: int) -> None:
    """CSV files, every fifth as Parquet, and ``key.json``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    chance = random.Random(seed)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    key = []
    for number, table in enumerate(tables):
        rows = max(len(column.values) for column in table)
        padded = {c.name: (c.values * (rows // len(c.values) + 1))[:rows] for c in table}
        name = f"{chance.choice(TABLE_NAMES)}_{number:03d}"
        file = f"{name}.parquet" if number % 5 == 4 else f"{name}.csv"
        if file.endswith("parquet"):
            arrays = {k: pa.array([x or None for x in v], pa.string()) for k, v in padded.items()}
            pq.write_table(pa.table(arrays), folder / "data" / file)
        else:
            with (folder / "data" / file).open("w", newline="", encoding="utf-8") as out:
                writer = csv.writer(out)
                writer.writerow(padded)
                writer.writerows(zip(*padded.values(), strict=True))
        for column in table:
            told = {k: v for k, v in asdict(column).items() if k != "values"}
            key.append(
                {
                    "file": file,
                    "column": column.name,
                    **{k: v for k, v in told.items() if k != "name"},
                }
            )
    (folder / "key.json").write_text(json.dumps(key, ensure_ascii=False, indent=0), "utf-8")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--family", choices=("open", "held"), default="open")
    asked.add_argument("--rounds", type=int, default=4)
    told = asked.parse_args()
    write(told.folder, build(told.seed, told.family, told.rounds), told.seed)


if __name__ == "__main__":
    main()
