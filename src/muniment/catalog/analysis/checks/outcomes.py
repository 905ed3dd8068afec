"""How a check came out: from a tally, a figure or a sample of values to an outcome."""

from dataclasses import replace

from muniment.catalog.analysis.checks.figures import Figure
from muniment.catalog.analysis.checks.tally import Tally
from muniment.catalog.analysis.checks.uniqueness import distinct, surplus
from muniment.catalog.analysis.results import CheckOutcome
from muniment.catalog.analysis.sample import ValueSample
from muniment.catalog.analysis.spec import CheckSpec


def outcome(spec: CheckSpec, status: str) -> CheckOutcome:
    """An outcome of which only the check and its status are known."""
    return CheckOutcome(
        key=spec.key,
        type=spec.type,
        title=spec.title or spec.type,
        dimension=spec.dimension,
        severity=spec.severity.value,
        origin=spec.origin,
        status=status,
        columns=spec.columns,
        definition=spec.definition,
    )


def unanswerable(spec: CheckSpec, message: str) -> CheckOutcome:
    """The check cannot be run; the message says why."""
    return replace(outcome(spec, "error"), message=message)


def of_figure(spec: CheckSpec, figure: Figure, evaluated: int) -> CheckOutcome:
    """A figure that is good or not; skipped where there is none."""
    if figure.value is None:
        return replace(outcome(spec, "skipped"), message="There was nothing to judge.")
    return replace(
        outcome(spec, "passed" if figure.good else "failed"),
        ratio=1.0 if figure.good else 0.0,
        evaluated=evaluated,
        failed=0 if figure.good else 1,
        observed=figure.said,
        expected=figure.expected,
        exact=figure.error == 0,
        error=round(figure.error, 6),
    )


def of_sample(spec: CheckSpec, sample: ValueSample) -> CheckOutcome:
    """How many values differ, or how many rows repeat one."""
    if spec.type == "distinct_between":
        return of_figure(spec, distinct(spec, sample), sample.rows)
    figure = surplus(spec, sample)
    said = of_figure(spec, figure, sample.rows)
    if figure.value is None:
        return said
    ratio = 1.0 if figure.good else 1 - figure.value
    return replace(said, ratio=ratio, failed=round(figure.value * sample.rows))


def of_tally(spec: CheckSpec, tally: Tally) -> CheckOutcome:
    """The share that holds, against the share that has to."""
    ratio = tally.ratio
    if ratio is None:
        return replace(outcome(spec, "skipped"), message="There was nothing to judge.")
    if ratio < spec.assumed:
        return replace(outcome(spec, "skipped"), message=_wrongly_asked(spec, ratio))
    least = 1 - (spec.number("max") or 0.0) if spec.type == "null_share" else spec.min_ratio
    good = ratio >= least
    return replace(
        outcome(spec, "passed" if good else "failed"),
        ratio=1.0 if good and spec.type == "null_share" else ratio,
        evaluated=tally.evaluated,
        failed=tally.failed,
        observed=f"{tally.failed / tally.evaluated:.4%} fail" if tally.failed else "all hold",
        expected="all hold" if least == 1 else f"at least {least:.2%} hold",
        examples=tally.examples,
    )


def _wrongly_asked(spec: CheckSpec, ratio: float) -> str:
    return (
        f"It holds for {ratio:.0%} only, less than the {spec.assumed:.0%} that would show that it "
        "is meant to hold."
    )
