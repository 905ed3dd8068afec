"""What changed since the last run, in plain words: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from muniment.kernel.refs import AssetRef

MOST_COLUMNS = 10


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """One asset after one run: its columns with their types, its labels; None when not read."""

    columns: Mapping[str, str]
    labels: int | None = None
    rows: int | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The estate of one source after one run."""

    assets: Mapping[str, AssetFacts] = field(default_factory=dict)
    quality: float | None = None
    findings: int | None = None


def in_words(before: RunFacts | None, after: RunFacts) -> Sequence[str]:
    """Sentences without a full stop each, the most important first; empty when nothing changed."""
    if before is None:
        return _first(after)
    return [
        *_tables(before, after),
        *_columns(before, after),
        *_labels(before, after),
        *_quality(before, after),
        *_findings(before, after),
        *_failures(before, after),
    ]


def _first(after: RunFacts) -> list[str]:
    columns = sum(len(each.columns) for each in after.assets.values())
    labels = sum(each.labels or 0 for each in after.assets.values())
    said = [f"first scan: {_count(len(after.assets), 'asset')} with {_count(columns, 'column')}"]
    if labels:
        said.append(f"{_count(labels, 'label')} found")
    if after.quality is not None:
        said.append(f"quality is {after.quality:.0f}")
    if after.findings:
        said.append(f"{_count(after.findings, 'compliance finding')} open")
    return said


def _tables(before: RunFacts, after: RunFacts) -> list[str]:
    appeared = sorted(set(after.assets) - set(before.assets))
    vanished = sorted(set(before.assets) - set(after.assets))
    said = []
    if appeared:
        said.append(_listed(appeared, "appeared"))
    if vanished:
        said.append(_listed(vanished, "vanished"))
    return said


def _listed(assets: Sequence[str], verb: str) -> str:
    names = [_name(each) for each in assets]
    if len(names) <= 2:
        return f"{' and '.join(names)} {verb}"
    return f"{len(names)} assets {verb} ({', '.join(names[:3])}{' …' if len(names) > 3 else ''})"


def _columns(before: RunFacts, after: RunFacts) -> list[str]:
    dropped: list[str] = []
    added: list[str] = []
    retyped: list[str] = []
    for asset in sorted(set(before.assets) & set(after.assets)):
        old, new = before.assets[asset].columns, after.assets[asset].columns
        where = _name(asset)
        dropped += [
            f"column {name} was dropped from {where}" for name in sorted(set(old) - set(new))
        ]
        added += [f"column {name} was added to {where}" for name in sorted(set(new) - set(old))]
        retyped += [
            f"column {name} of {where} changed from {old[name]} to {new[name]}"
            for name in sorted(set(old) & set(new))
            if old[name] != new[name]
        ]
    said = [*dropped, *retyped, *added]
    if len(said) <= MOST_COLUMNS:
        return said
    left = len(said) - MOST_COLUMNS
    return [*said[:MOST_COLUMNS], f"{_count(left, 'more column')} changed"]


def _labels(before: RunFacts, after: RunFacts) -> list[str]:
    gained = lost = 0
    for asset, facts in after.assets.items():
        if facts.labels is None:
            continue
        known = before.assets[asset].labels or 0 if asset in before.assets else 0
        gained += max(facts.labels - known, 0)
        lost += max(known - facts.labels, 0)
    said = []
    if gained:
        said.append(_count(gained, "new label"))
    if lost:
        said.append(f"{_count(lost, 'label')} gone")
    return said


def _quality(before: RunFacts, after: RunFacts) -> list[str]:
    if before.quality is None or after.quality is None:
        return []
    old, new = round(before.quality), round(after.quality)
    if old == new:
        return []
    return [f"quality {'fell' if new < old else 'rose'} from {old} to {new}"]


def _findings(before: RunFacts, after: RunFacts) -> list[str]:
    if before.findings is None or after.findings is None or before.findings == after.findings:
        return []
    more = after.findings - before.findings
    if more > 0:
        return [f"{_count(more, 'more compliance finding')} open"]
    return [f"{_count(-more, 'compliance finding')} closed"]


def _failures(before: RunFacts, after: RunFacts) -> list[str]:
    failed = sorted(asset for asset, facts in after.assets.items() if facts.failed)
    fresh = [each for each in failed if each not in before.assets or not before.assets[each].failed]
    mended = [
        asset
        for asset, facts in after.assets.items()
        if not facts.failed and asset in before.assets and before.assets[asset].failed
    ]
    said = []
    if fresh:
        said.append(_listed(fresh, "could not be read"))
    if mended:
        said.append(_listed(sorted(mended), "can be read again"))
    return said


def _name(asset: str) -> str:
    return ".".join(AssetRef.parse(asset).path) or asset


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
