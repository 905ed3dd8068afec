"""What new verdicts do to findings: open, reopen, refresh, resolve. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from muniment.compliance.engine.judge import Result
from muniment.compliance.model import FindingState, Verdict

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """A finding as it stands, as far as the decision needs it."""

    id: UUID
    check: str
    subject: str
    state: FindingState
    evidence_hash: str
    owner: str | None
    assigned: bool = False
    """A person chose the owner; judging leaves it alone."""

    @property
    def key(self) -> Key:
        return self.check, self.subject


@dataclass(slots=True)
class Changes:
    """What is to be done, each finding in at most one list."""

    open: list[tuple[Result, FindingState]] = field(default_factory=list)
    reopen: list[tuple[Known, Result, FindingState]] = field(default_factory=list)
    refresh: list[tuple[Known, Result]] = field(default_factory=list)
    resolve: list[tuple[Known, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.open or self.reopen or self.refresh or self.resolve)


HEALED = "The fact was mended: the check holds again."
OUT_OF_SCOPE = "The check no longer applies here."


def reconcile(
    results: Iterable[Result], known: Mapping[Key, Known], waived: frozenset[Key]
) -> Changes:
    """Compare verdicts with the findings of the same subjects.

    A finding whose subject was judged and is no longer broken resolves by itself; an undecided
    verdict leaves it as it is. A broken fact under a waiver is shown as waived.
    """
    changes = Changes()
    seen: dict[Key, Verdict] = {}
    for result in results:
        seen[result.key] = result.verdict
        if result.verdict is Verdict.BROKEN:
            _break(changes, result, known.get(result.key), waived=result.key in waived)
    for key, finding in known.items():
        if finding.state is FindingState.RESOLVED:
            continue
        verdict = seen.get(key)
        if verdict is None:
            changes.resolve.append((finding, OUT_OF_SCOPE))
        elif verdict is Verdict.HOLDS:
            changes.resolve.append((finding, HEALED))
    return changes


def _break(changes: Changes, result: Result, finding: Known | None, *, waived: bool) -> None:
    target = FindingState.WAIVED if waived else FindingState.OPEN
    if finding is None:
        changes.open.append((result, target))
        return
    was_waived = finding.state is FindingState.WAIVED
    if finding.state is FindingState.RESOLVED or was_waived != waived:
        changes.reopen.append((finding, result, target))
    elif finding.evidence_hash != result.evidence_hash or (
        not finding.assigned and finding.owner != result.owner
    ):
        changes.refresh.append((finding, result))
