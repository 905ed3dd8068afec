"""Which checks a source can answer by counting, and what is left for the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from muniment.catalog.analysis.checks.figures import FIGURES, READABLE, ROW_FIGURES, between
from muniment.catalog.analysis.checks.outcomes import of_figure, of_tally, unanswerable
from muniment.catalog.analysis.checks.schema import SCHEMA
from muniment.catalog.analysis.checks.tally import Tally
from muniment.catalog.analysis.results import CheckOutcome
from muniment.catalog.analysis.spec import CheckSpec, QualityPlan
from muniment.contracts.figures import Answers, Between, Mean, OneOf, Present, Question
from muniment.kernel.errors import Invalid


def questions(plan: QualityPlan) -> Sequence[Question]:
    """What can be asked of a source instead of reading the rows."""
    asked = (_question(spec) for spec in plan.checks)
    return [each for each in asked if each is not None]


def settled(plan: QualityPlan, answers: Answers) -> Mapping[str, CheckOutcome]:
    """By key: the checks that these answers settle.

    A check of values that fails is left to the rows: they show what failing values look like.
    """
    found: dict[str, CheckOutcome] = {}
    for spec in plan.checks:
        try:
            outcome = _outcome(spec, answers)
        except Invalid as error:
            outcome = unanswerable(spec, error.message)
        if outcome is not None:
            found[spec.key] = outcome
    return found


def remaining(plan: QualityPlan, known: Mapping[str, CheckOutcome]) -> QualityPlan:
    """The plan without what is settled."""
    return replace(plan, checks=tuple(spec for spec in plan.checks if spec.key not in known))


def needs_rows(plan: QualityPlan) -> bool:
    """Whether any check is about more than what the source declares."""
    return any(spec.type not in SCHEMA for spec in plan.checks)


def needed(plan: QualityPlan) -> frozenset[str]:
    """The columns without which a plan cannot be answered."""
    of_checks = {name for spec in plan.checks for name in spec.columns}
    return frozenset(of_checks | {name for key in plan.keys for name in key})


def _question(spec: CheckSpec) -> Question | None:
    if not spec.columns:
        return None
    name, given = spec.columns[0], spec.params
    match spec.type:
        case "not_null" | "null_share":
            return Present(name)
        case "mean_between":
            return Mean(name)
        case "in_set":
            values = given.get("values")
            if isinstance(values, list | tuple) and all(isinstance(one, str) for one in values):
                return OneOf(name, tuple(sorted({str(one) for one in values})))
        case "in_range":
            ends = (given.get("min"), given.get("max"))
            if any(isinstance(end, str) for end in ends) or ends == (None, None):
                return None
            return Between(name, spec.number("min"), spec.number("max"))
    return None


def _outcome(spec: CheckSpec, answers: Answers) -> CheckOutcome | None:
    if spec.type in ROW_FIGURES:
        return of_figure(spec, ROW_FIGURES[spec.type](spec, answers.rows), answers.rows)
    if spec.type == READABLE:  # what cannot be decoded, a source does not count either: it fails
        return of_tally(spec, Tally(answers.rows))
    question = _question(spec)
    answer = None if question is None else answers.known.get(question)
    if answer is None:
        return None
    if spec.type in FIGURES:
        return of_figure(spec, between(spec, answer.figure), answer.count)
    if isinstance(question, Present) or not answer.failing:
        return of_tally(spec, Tally(answer.count, answer.failing))
    return None
