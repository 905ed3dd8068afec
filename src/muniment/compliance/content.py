"""How the packs of checks, objectives and frameworks are read, and proved before they load."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from muniment.compliance.engine.judge import CompiledCheck, compile_check, verdict_on
from muniment.compliance.model import (
    Automation,
    Check,
    Entity,
    Framework,
    Library,
    Objective,
    Requirement,
    Verdict,
)
from muniment.kernel.errors import Invalid
from muniment.kernel.values import Severity

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=80)]
Sentence = Annotated[str, StringConstraints(min_length=3, max_length=600, strip_whitespace=True)]
M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Examples(Strict):
    breaks: tuple[dict[str, JsonValue], ...] = Field(min_length=1)
    holds: tuple[dict[str, JsonValue], ...] = Field(min_length=1)


class CheckEntry(Strict):
    """One check as an expert writes it."""

    id: Slug
    title: Sentence
    entity: Entity
    scope: str = "true"
    holds: str
    severity: Severity
    remedy: Sentence
    rationale: Sentence
    examples: Examples

    def build(self) -> Check:
        return Check(
            id=self.id,
            title=self.title,
            entity=self.entity,
            scope=self.scope.strip(),
            holds=self.holds.strip(),
            severity=self.severity,
            remedy=self.remedy,
            rationale=self.rationale,
            breaks=self.examples.breaks,
            upholds=self.examples.holds,
        )


class CheckPack(Strict):
    pack: Slug
    version: str
    title: Sentence
    checks: tuple[CheckEntry, ...] = Field(min_length=1)


class ObjectiveEntry(Strict):
    id: Slug
    title: Sentence
    checks: tuple[Slug, ...] = Field(min_length=1)


class ObjectivePack(Strict):
    pack: Slug
    version: str
    title: Sentence
    objectives: tuple[ObjectiveEntry, ...]


class RequirementEntry(Strict):
    id: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    title: Sentence
    status: Automation
    objectives: tuple[Slug, ...] = ()
    guidance: Sentence | None = None
    section: str | None = None


class FrameworkPack(Strict):
    framework: Slug
    version: str
    title: Sentence
    publisher: str
    link: Annotated[str, StringConstraints(pattern=r"^https://")]
    text_licence: Sentence
    summary: Sentence
    active_by_default: bool = True
    rule_set: dict[str, JsonValue] = Field(default_factory=dict)
    requirements: tuple[RequirementEntry, ...] = Field(min_length=1)


@cache
def shipped_library() -> Library:
    """Everything in the packs folder, read once in a process."""
    packs = files("muniment.packs")
    checks = [
        parse(CheckPack, entry.read_text("utf-8"), entry.name)
        for entry in _yaml_files(packs / "checks")
    ]
    objectives: list[ObjectivePack] = []
    frameworks: list[FrameworkPack] = []
    for entry in _yaml_files(packs / "frameworks"):
        text = entry.read_text("utf-8")
        if entry.name == "objectives.yaml":
            objectives.append(parse(ObjectivePack, text, entry.name))
        else:
            frameworks.append(parse(FrameworkPack, text, entry.name))
    return assemble(checks, objectives, frameworks)


@cache
def shipped_checks() -> Mapping[str, CompiledCheck]:
    """The shipped checks, compiled once in a process."""
    return {check.id: compile_check(check) for check in shipped_library().checks.values()}


def assemble(
    check_packs: Iterable[CheckPack],
    objective_packs: Iterable[ObjectivePack],
    framework_packs: Iterable[FrameworkPack],
) -> Library:
    """Join packs into a library; Invalid names the entry that does not fit with the others."""
    checks = _unique((entry.build() for pack in check_packs for entry in pack.checks), "Check")
    for check in checks.values():
        prove(check)
    objectives = _unique(
        (
            Objective(entry.id, entry.title, entry.checks)
            for pack in objective_packs
            for entry in pack.objectives
        ),
        "Objective",
    )
    for objective in objectives.values():
        _known(objective.checks, checks, f"Objective {objective.id}", "check")
    frameworks = _unique((_framework(pack) for pack in framework_packs), "Framework")
    for framework in frameworks.values():
        _prove_framework(framework, objectives)
    return Library(checks, objectives, frameworks)


def prove(check: Check) -> CompiledCheck:
    """Compile a check and hold it against its examples; Invalid names the one it contradicts."""
    compiled = compile_check(check)
    wanted = [(Verdict.BROKEN, check.breaks), (Verdict.HOLDS, check.upholds)]
    for verdict, examples in wanted:
        for number, example in enumerate(examples, start=1):
            try:
                found = verdict_on(compiled, example)
            except Invalid as error:
                raise Invalid(f"Check {check.id}: {error.message}", check=check.id) from error
            if found is not verdict:
                said = "is out of scope" if found is None else f"gives '{found.value}'"
                raise Invalid(
                    f"Check {check.id}: example {number} under "
                    f"'{'breaks' if verdict is Verdict.BROKEN else 'holds'}' {said}: {example}",
                    check=check.id,
                )
    return compiled


def parse(model: type[M], text: str, name: str) -> M:
    """Read one YAML file into its model; Invalid names the file, the entry and the problem."""
    try:
        raw: Any = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe loaders
    except yaml.YAMLError as error:
        raise Invalid(f"Pack {name} is not valid YAML: {error}") from error
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Invalid(
            f"Pack {name}, {_entry_name(raw, first['loc'])}{place}: {first['msg']}."
        ) from error


def _entry_name(raw: Any, path: tuple[int | str, ...]) -> str:
    """The id of the entry a problem lies in, where it has one."""
    match raw, path:
        case dict(), (str() as group, int() as index, *_):
            entries = raw.get(group)
            if isinstance(entries, list) and isinstance(entries[index], dict):
                return f"entry {entries[index].get('id', index)}, "
    return ""


def _framework(pack: FrameworkPack) -> Framework:
    return Framework(
        id=pack.framework,
        title=pack.title,
        version=pack.version,
        publisher=pack.publisher,
        link=pack.link,
        text_licence=pack.text_licence,
        summary=pack.summary,
        requirements=tuple(
            Requirement(
                id=entry.id,
                title=entry.title,
                automation=entry.status,
                objectives=entry.objectives,
                guidance=entry.guidance,
                section=entry.section,
            )
            for entry in pack.requirements
        ),
        rule_set=pack.rule_set,
        active_by_default=pack.active_by_default,
    )


def _prove_framework(framework: Framework, objectives: Mapping[str, Objective]) -> None:
    seen: set[str] = set()
    for requirement in framework.requirements:
        name = f"Requirement {framework.id} {requirement.id}"
        if requirement.id in seen:
            raise Invalid(f"{name} is there twice.")
        seen.add(requirement.id)
        _known(requirement.objectives, objectives, name, "objective")
        manual = requirement.automation is Automation.MANUAL
        if manual == bool(requirement.objectives):
            raise Invalid(
                f"{name} is {requirement.automation.value} and "
                f"{'has objectives with checks' if manual else 'no check tells about it'}."
            )


def _known(ids: Iterable[str], known: Mapping[str, object], name: str, what: str) -> None:
    missing = [entry for entry in ids if entry not in known]
    if missing:
        raise Invalid(f"{name} names an unknown {what}: {', '.join(missing)}.")


E = TypeVar("E", Check, Objective, Framework)


def _unique(entries: Iterable[E], what: str) -> dict[str, E]:
    found: dict[str, E] = {}
    for entry in entries:
        if entry.id in found:
            raise Invalid(f"{what} {entry.id} is there twice.")
        found[entry.id] = entry
    return found


def _yaml_files(folder: Traversable) -> Iterator[Traversable]:
    return iter(
        sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    )
