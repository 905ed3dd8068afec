"""Checks as people write them in a file: by table, each with its type, columns and parameters."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from muniment.catalog.analysis.spec import CheckSpec, QualityPlan
from muniment.catalog.quality.content import validated
from muniment.catalog.quality.model import Origin
from muniment.catalog.quality.planning import spec_of
from muniment.kernel.errors import Invalid
from muniment.kernel.values import Severity


class Written(BaseModel):
    """One check of a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    columns: tuple[str, ...] = ()
    params: dict[str, Any] = Field(default_factory=dict)
    severity: Severity | None = None
    title: str | None = None


_FILE = TypeAdapter(dict[str, list[Written]])


def read(path: Path, now: datetime) -> Mapping[str, QualityPlan]:
    """By dotted name of a table: its checks; Invalid when the file or a check makes no sense."""
    try:
        found = _FILE.validate_python(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Invalid(f"The file of checks cannot be read: {_first_line(error)}") from error
    except ValidationError as error:
        [first, *_] = error.errors(include_input=False, include_url=False)
        place = ", ".join(str(part) for part in first["loc"])
        raise Invalid(
            f"The file of checks makes no sense at {place or 'its start'}: {first['msg']}. "
            "It names tables, and below each a list of checks with type, columns and params."
        ) from error
    return {table: QualityPlan(_specs(table, checks), now) for table, checks in found.items()}


def _specs(table: str, checks: Sequence[Written]) -> tuple[CheckSpec, ...]:
    specs = []
    for number, each in enumerate(checks):
        try:
            validated(each.type, each.columns, each.params)
        except Invalid as error:
            raise Invalid(f"Check {number + 1} of {table}: {error.message}") from error
        specs.append(
            spec_of(
                each.type,
                each.columns,
                each.params,
                severity=each.severity,
                origin=Origin.DECLARED,
                title=each.title,
                definition=f"{number + 1}",
            )
        )
    return tuple(specs)


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]
