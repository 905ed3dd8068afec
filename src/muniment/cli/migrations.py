"""What a migration would break, in words: for a terminal, and as a report in Markdown."""

from collections.abc import Sequence
from typing import Any

from muniment.catalog.lineage.checking import ChangeSeverity, CheckedChange
from muniment.catalog.lineage.engine.proposal import Action, ProposedChange

MOST_NAMED = 10
_VERBS = {Action.DROP: "drops", Action.RENAME: "renames", Action.RETYPE: "retypes"}


def told_of(checked: CheckedChange) -> dict[str, Any]:
    """A change with what it reaches, as plain data."""
    impact, change = checked.impact, checked.change
    return {
        "line": change.line,
        "change": _words(change) if isinstance(change, ProposedChange) else change.reason,
        "severity": checked.severity.value,
        "problem": checked.problem,
        "reached": [] if impact is None else [each.ref for each in impact.reached],
        "owners": [] if impact is None else list(impact.owners),
        "labels": [] if impact is None else list(impact.labels),
    }


def _words(change: ProposedChange) -> str:
    name = ".".join((*change.table, *([change.column] if change.column else [])))
    return f"{_VERBS[change.action]} {name}" + (f" to {change.to}" if change.to else "")


def report_of(told: Sequence[dict[str, Any]]) -> str:
    """A report for a pull request; the worst change first."""
    if not told:
        return "### Impact\n\nNothing is dropped, renamed or given another type."
    ordered = sorted(
        told, key=lambda each: (-ChangeSeverity(each["severity"]).weight, each["line"])
    )
    rows = [
        "| line | change | severity | reaches | ask | labels |",
        "|---|---|---|---|---|---|",
        *(
            f"| {each['line']} | {_cell([each['change']])} | {each['severity']} "
            f"| {each['problem'] or _cell(each['reached'])} "
            f"| {_cell(each['owners'])} | {_cell(each['labels'])} |"
            for each in ordered
        ),
    ]
    return "### Impact\n\n" + "\n".join(rows)


def _cell(values: Sequence[str]) -> str:
    """Names as code, so that nothing in them is read as Markdown; only so many of them."""
    shown = [
        "`" + value.replace("`", "'").replace("|", "\\|").replace("\n", " ") + "`"
        for value in values[:MOST_NAMED]
    ]
    more = len(values) - MOST_NAMED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
