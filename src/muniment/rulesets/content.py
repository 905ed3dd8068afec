"""How the default rule sets of the packs are read."""

from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import Field, StringConstraints, ValidationError

from muniment.kernel.errors import Invalid
from muniment.rulesets.engine.validate import Vocabulary, Weight, validate
from muniment.rulesets.model import AppliesTo, Laid, Layer, RuleSet, RuleSetBody, Strict


class DefaultEntry(Strict):
    """The defaults of a kind of source."""

    name: Annotated[str, StringConstraints(pattern=r"^default-[a-z0-9-]+$")]
    version: int = Field(ge=1)
    title: str
    description: str
    position: int = 0
    applies_to: AppliesTo = AppliesTo()
    body: RuleSetBody


@cache
def shipped_defaults() -> tuple[DefaultEntry, ...]:
    """All of them, read once in a process; Invalid names the file that does not fit."""
    folder = files("muniment.packs") / "rulesets"
    entries = sorted(
        (f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name
    )
    return tuple(parse_default(entry.read_text("utf-8"), entry.name) for entry in entries)


def parse_default(text: str, name: str) -> DefaultEntry:
    try:
        entry = DefaultEntry.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise Invalid(f"Rule set pack {name} is not valid YAML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"Rule set pack {name}, {place}: {first['msg']}.") from error
    for problem in validate(entry.body, Layer.DEFAULT, Vocabulary()):
        if problem.weight is Weight.ERROR:
            raise Invalid(f"Rule set pack {name}, {problem.path}: {problem.message}")
    return entry


def as_rule_set(entry: DefaultEntry) -> RuleSet:
    return RuleSet(
        name=entry.name,
        title=entry.title,
        description=entry.description,
        layer=Layer.DEFAULT,
        position=entry.position,
        applies_to=entry.applies_to,
        managed_by="muniment",
        retired=False,
        published=entry.version,
        draft=None,
        version=entry.version,
    )


def as_laid(entry: DefaultEntry) -> Laid:
    return Laid(entry.name, entry.version, Layer.DEFAULT, entry.position, entry.body)
