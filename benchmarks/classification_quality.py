"""How right the labels of ``muniment classify`` are, on columns, tables and texts it never saw.

    python benchmarks/classification_quality.py [--sets open,held,strange,real,text] [--seed 7]
        [--rounds 4] [--errors FILE] [--json FILE]

Everything is generated or gathered first (``benchmarks/classification``, in an environment of its
own), then the real command is run on it, and its answer is compared with the key. A label counts as
output when the command prints it. Scores are micro-averaged over (column, label).
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from _peers import environment_of, home
from classification.spans import counted

HERE = Path(__file__).parent / "classification"
BARS = {
    "mixed_f1": (0.96, ">="),
    "uninformative_f1": (0.90, ">="),
    "hidden_real_f1": (0.60, ">="),
    "false_positive_columns_per_100": (1.0, "<="),
    "calibration_error": (0.05, "<="),
    "text_precision": (0.85, ">="),
    "text_recall": (0.75, ">="),
}
SAME: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in """
        contact.phone us.phone de.phone gb.phone fr.phone es.phone it.phone br.phone
        geo.city address.city
        geo.country address.country
        geo.country_code address.country_code
        us.state address.state geo.region address.region
        org.company org.name
        finance.isin std.isin
        finance.bic std.iso9362
        net.mac std.mac net.mac_local
        contact.street_address address.street us.street_address de.street_address address.full
        person.first_name person.male_name person.female_name
        health.generic_medication health.brand_medication health.medication
        std.fi.alv fi.ytunnus
        se.orgnr std.se.vat
        ch.ahv std.ch.ssn
        std.gb.vat gb.vat
        us.zip de.plz gb.postcode ca.postal_code std.nl.postcode br.cep address.postal_code
        vehicle.plate de.plate gb.plate tr.plate za.plate
        geo.coordinates geo.location
        secret.private_key secret.pkcs_private_key
    """.strip().splitlines()
)
"""Labels that name the same thing; either is right where the key says one of them."""
GENERAL = {
    "id.government_id", "std.vatin", "eu.vat", "eu.tin", "eu.national_id", "id.generic",
    "id.ssn_any", "finance.financial_id", "net.ip", "tech.technical_id", "person.demographic_data",
    "time.date", "time.time", "geo.geographic_data", "secret.security_data", "finance.card_holder",
}  # fmt: skip
"""Groups: neither right nor wrong beside a label of the same kind, wrong on a column of nothing."""


@dataclass
class Tally:
    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.right + self.missed, 1)

    @property
    def f1(self) -> float:
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 0.0


@dataclass
class Report:
    """The outcome of one run over one set."""

    whole: Tally = field(default_factory=Tally)
    by_header: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_label: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_tier: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    negatives: int = 0
    struck: int = 0
    scored: list[tuple[float, bool, str]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def per_hundred(self) -> float:
        return 100 * self.struck / max(self.negatives, 1)

    @property
    def calibration_error(self) -> float:
        return expected_calibration_error([(s, r) for s, r, _ in self.scored])


def expected_calibration_error(scored: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """The mean gap between confidence and share right, over ten bins of equal width."""
    parts: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in scored:
        parts[min(int(confidence * bins), bins - 1)].append((confidence, right))
    gap = sum(abs(sum(c for c, _ in part) - sum(r for _, r in part)) for part in parts.values())
    return gap / max(len(scored), 1)


def generated(script: str, folder: Path, *arguments: str) -> Path:
    """A set, made unless it is there already."""
    if not (folder / "key.json").exists():
        python = str(environment_of("classification") / "python")
        subprocess.run([python, str(HERE / script), str(folder), *arguments], check=True)
    return folder


def hidden(folder: Path) -> Path:
    """The same set with columns called c1, c2 and so on."""
    made = folder.with_name(f"{folder.name}-hidden")
    (made / "data").mkdir(parents=True, exist_ok=True)
    names: dict[tuple[str, str], str] = {}
    for file in sorted((folder / "data").glob("*.csv")):
        with file.open(newline="", encoding="utf-8") as read:
            head, *rows = csv.reader(read)
        called = [f"c{n}" for n, _ in enumerate(head, 1)]
        names |= {(file.name, old): new for old, new in zip(head, called, strict=True)}
        with (made / "data" / file.name).open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([called, *rows])
    key = json.loads((folder / "key.json").read_text("utf-8"))
    for row in key:
        row["family"] += f":{row['column']}"
        row["column"] = names[row["file"], row["column"]]
    (made / "key.json").write_text(json.dumps(key), "utf-8")
    return made


def classify(folder: Path, *options: str) -> tuple[list[dict[str, Any]], float]:
    """The command's answer and the seconds it took."""
    begun = time.perf_counter()
    done = subprocess.run(
        [_program(), "classify", str(folder / "data"), "--json", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout.strip():
        raise SystemExit(done.stderr[-2000:])
    return json.loads(done.stdout), time.perf_counter() - begun


def same(one: str, other: str) -> bool:
    return one == other or any(one in group and other in group for group in SAME)


def compare(key: Iterable[Mapping[str, Any]], told: Iterable[Mapping[str, Any]]) -> Report:
    """Right, wrong and missed, in all the ways the report shows."""
    report = Report()
    answers = {(_stem(t["file"]), t["column"]): t["labels"] for t in told if "column" in t}
    for row in key:
        labels = answers.get((_stem(row["file"]), row["column"]), [])
        _compare_column(row, labels, report)
    return report


def _stem(file: str) -> str:
    name = file.rsplit("/", 1)[-1]
    for ending in (".csv", ".parquet", ".ndjson"):
        name = name.removesuffix(ending)
    return name


def _compare_column(
    row: Mapping[str, Any], labels: Sequence[Mapping[str, Any]], report: Report
) -> None:
    wanted = list(row["labels"])
    also = {*row.get("also", ()), *(GENERAL if wanted else ())}
    tallies = [report.whole, report.by_header[row["header"]]]
    met: set[str] = set()
    strange = []
    for label in labels:
        name, score = label["label"], float(label["score"])
        match = next((w for w in wanted if same(w, name)), None)
        if match is not None:
            if match not in met:
                for tally in (*tallies, report.by_label[match], report.by_tier[label["tier"]]):
                    tally.right += 1
            met.add(match)
            report.scored.append((score, True, name))
        elif not any(same(each, name) for each in also):
            for tally in (*tallies, report.by_label[name], report.by_tier[label["tier"]]):
                tally.wrong += 1
            report.scored.append((score, False, name))
            strange.append(f"{name} {score:.2f}")
    for left in wanted:
        if left not in met:
            for tally in (*tallies, report.by_label[left]):
                tally.missed += 1
    if not wanted and not also:
        report.negatives += 1
        report.struck += bool(strange)
    lost = [each for each in wanted if each not in met]
    if strange or lost:
        report.errors.append({**row, "missed": lost, "wrong": strange})


def summary(name: str, report: Report) -> dict[str, Any]:
    print(f"\n## {name}  ({report.seconds:.0f} s)")
    whole = report.whole
    print(f"  micro-F1 {whole.f1:.3f}  precision {whole.precision:.3f}  recall {whole.recall:.3f}")
    for header, tally in sorted(report.by_header.items()):
        count = tally.right + tally.missed
        print(
            f"    {header:12} F1 {tally.f1:.3f}  P {tally.precision:.3f}"
            f"  R {tally.recall:.3f}  of {count}"
        )
    print(
        f"  false-positive columns per 100 negatives {report.per_hundred:.2f} of {report.negatives}"
    )
    print(f"  expected calibration error {report.calibration_error:.3f}")
    for tier, tally in sorted(report.by_tier.items()):
        print(
            f"    tier {tier}: precision {tally.precision:.3f}"
            f" of {tally.right + tally.wrong} labels"
        )
    worst = sorted(report.by_label.items(), key=lambda kv: -(kv[1].wrong + kv[1].missed))[:10]
    told = ", ".join(f"{k} {t.f1:.2f} (-{t.missed} +{t.wrong})" for k, t in worst)
    print(f"  worst ten: {told}")
    return {
        "f1": whole.f1, "precision": whole.precision, "recall": whole.recall,
        "by_header": {k: t.f1 for k, t in report.by_header.items()},
        "false_positive_columns_per_100": report.per_hundred,
        "negatives": report.negatives,
        "calibration_error": report.calibration_error,
        "reliability": reliability(report),
    }  # fmt: skip


def reliability(report: Report) -> list[dict[str, float]]:
    parts: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right, _ in report.scored:
        parts[min(int(confidence * 10), 9)].append((confidence, right))
    return [
        {
            "from": at / 10, "count": len(part),
            "confidence": sum(c for c, _ in part) / len(part),
            "right": sum(r for _, r in part) / len(part),
        }
        for at, part in sorted(parts.items())
    ]  # fmt: skip


def measured(folder: Path, *options: str) -> Report:
    key = json.loads((folder / "key.json").read_text("utf-8"))
    told, seconds = classify(folder, *options)
    report = compare(key, told)
    report.seconds = seconds
    return report


def texts(folder: Path, lines: list[str]) -> dict[str, float]:
    """Precision and recall over the entities of texts."""
    key = json.loads((folder / "key.json").read_text("utf-8"))
    begun = time.perf_counter()
    done = subprocess.run(
        [_program(), "classify", "--text", str(folder / "texts.jsonl")],
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begun
    if not done.stdout.strip():
        print(f"\n## free text: no answer: {done.stderr[-300:]}")
        return {}
    told = {t["id"]: t["entities"] for t in map(json.loads, done.stdout.splitlines())}
    print(f"\n## free text, {len(key)} documents  ({seconds:.0f} s)")
    figures = {}
    for name, least in (("overlap", 0.5), ("exact", 1.0)):
        tally, wrong = counted(key, told, least)
        right, false, missed = (sum(t[n] for t in tally.values()) for n in range(3))
        precision, recall = right / max(right + false, 1), right / max(right + missed, 1)
        figures |= {f"{name}_precision": precision, f"{name}_recall": recall}
        print(f"  {name}: precision {precision:.3f}  recall {recall:.3f}")
        for kind, (good, bad, lost) in sorted(tally.items()):
            print(
                f"    {kind:13} P {good / max(good + bad, 1):.3f}"
                f"  R {good / max(good + lost, 1):.3f}  of {good + lost}"
            )
        if least < 1:
            lines += ["\n# free text", *(f"{n:3}x {what}" for what, n in wrong.most_common(40))]
    return figures


def _program() -> str:
    return os.environ.get("MUNIMENT") or str(Path(sys.executable).with_name("muniment"))


def errors_of(report: Report) -> list[str]:
    """One line per column that is wrong, the commonest kinds first."""
    counts: Counter[tuple[str, ...]] = Counter()
    samples: dict[tuple[str, ...], str] = {}
    for error in report.errors:
        kind = (
            ",".join(error["missed"]) or "-",
            ",".join(each.split()[0] for each in error["wrong"]) or "-",
            error["header"] if error["labels"] else error["family"],
        )
        counts[kind] += 1
        samples.setdefault(
            kind, f"{error['file']}:{error['column']} [{error['family']}] {error['wrong']}"
        )
    return [
        f"{count:3}x missed {kind[0]} | wrong {kind[1]} | {kind[2]} | e.g. {samples[kind]}"
        for kind, count in counts.most_common()
    ]


TIERS: Mapping[str, tuple[str, ...]] = {"all": (), "rules": ("--rules-only",)}
ONCE = ("real",)
"""Sets that are the same with every seed."""


def one_run(seed: int, told: argparse.Namespace, lines: list[str]) -> dict[str, Any]:
    """The figures of all sets that are asked for, drawn with one seed."""
    figures: dict[str, Any] = {}
    sets, tiers = told.sets.split(","), told.tiers.split(",")
    first = str(seed) == told.seed.split(",")[0]
    for name in ("open", "held", "strange", *(ONCE if first else ())):
        if name not in sets:
            continue
        folder = folder_of(name, seed, told.rounds)
        seen = (folder, hidden(folder)) if name == "real" else (folder,)
        for tier in tiers:
            for each in seen:
                called = f"{name}/{tier}" + ("/hidden" if each != folder else "")
                report = measured(each, *TIERS[tier])
                figures[called] = summary(f"{called}, seed {seed}", report)
                if name != "held":
                    lines += [f"\n# {called}, seed {seed}", *errors_of(report)]
    if "text" in sets:
        folder = generated("texts.py", folder_of("text", seed, None), "--seed", str(seed))
        figures["text"] = texts(folder, lines)
    return figures


def folder_of(name: str, seed: int, rounds: int | None) -> Path:
    """Where a set is kept, made if it is not there."""
    sets = home() / "classification-sets"
    if name == "real":
        return generated("real.py", sets / name)
    if rounds is None:
        return sets / f"{name}-{seed}"
    if name == "strange":
        return generated("strange.py", sets / f"{name}-{seed}", "--seed", str(seed))
    drawn = ("--seed", str(seed), "--family", name, "--rounds", str(rounds))
    return generated("mixed.py", sets / f"{name}-{seed}-{rounds}", *drawn)


def together(runs: Sequence[Mapping[str, Any]]) -> None:
    """The mean over seeds, and the worst of them."""
    print(f"\n## over {len(runs)} seeds: mean (worst)")
    for name in runs[0]:
        found = [run[name] for run in runs if name in run]
        if len(found) < 2 or name == "text":
            continue
        rows = {
            "micro-F1": ([each["f1"] for each in found], min),
            "blank names F1": ([each["by_header"].get("blank", 0.0) for each in found], min),
            "false positives per 100": (
                [each["false_positive_columns_per_100"] for each in found],
                max,
            ),
            "calibration error": ([each["calibration_error"] for each in found], max),
        }
        told = ", ".join(
            f"{row} {sum(values) / len(values):.3f} ({worst(values):.3f})"
            for row, (values, worst) in rows.items()
        )
        print(f"  {name}: {told}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sets", default="open,held,strange,real,text")
    asked.add_argument("--seed", default="7", help="One, or several with commas between.")
    asked.add_argument("--rounds", type=int, default=4)
    asked.add_argument("--errors", type=Path, help="Write the wrong columns of open sets here.")
    asked.add_argument("--json", type=Path, help="Write the figures here.")
    asked.add_argument("--tiers", default="all,rules", help="all, rules or both")
    told = asked.parse_args()
    seeds = [int(seed) for seed in told.seed.split(",")]
    lines: list[str] = []
    runs = [one_run(seed, told, lines) for seed in seeds]
    if len(runs) > 1:
        together(runs)
    figures = runs[0] if len(runs) == 1 else dict(zip(map(str, seeds), runs, strict=True))
    if told.errors:
        told.errors.write_text("\n".join(lines) + "\n", "utf-8")
    if told.json:
        told.json.write_text(json.dumps(figures, indent=1), "utf-8")


if __name__ == "__main__":
    main()
