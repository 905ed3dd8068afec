"""What the assistant may do: where it answers, what it is told, and what it may cost."""

import os
from fnmatch import fnmatchcase
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from muniment.classification.engine.assistant.limits import Budget
from muniment.kernel.errors import Unavailable
from muniment.platform.chat import AnswerFormat, Endpoint, check_base_url

KEY_PREFIX = "MUNIMENT_SECRET_"
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class AssistantSettings(BaseModel):
    """Off unless somebody turns it on; masked unless somebody allows samples."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = False
    base_url: str = Field(
        default="",
        max_length=500,
        description="Of any endpoint that speaks the OpenAI protocol: https://host/v1.",
    )
    model: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    key_from: str | None = Field(
        default=None,
        pattern=rf"^{KEY_PREFIX}[A-Z0-9_]{{1,60}}$",
        description="Name of an environment variable of the workers that holds the key, instead "
        "of a key that is stored here sealed.",
    )
    answer_format: AnswerFormat = AnswerFormat.JSON_OBJECT
    timeout_seconds: float = Field(default=60, gt=0, le=600)
    retries: int = Field(default=2, ge=0, le=5)
    calls_per_minute: int = Field(default=30, ge=1, le=6000)
    columns_per_call: int = Field(default=20, ge=1, le=60)
    sources: tuple[Pattern, ...] = Field(
        default=("*",), max_length=200, description="Sources whose columns may be asked about."
    )
    min_confidence: float = Field(default=0.5, ge=0, le=1)
    share_of_columns: float = Field(
        default=0.05, gt=0, le=1, description="Of a run's columns, so many may be asked about."
    )
    columns_per_run: int = Field(default=500, ge=1, le=100_000)
    tokens_per_run: int = Field(default=200_000, ge=1)
    calls_per_day: int = Field(default=1_000, ge=1)
    tokens_per_day: int = Field(default=1_000_000, ge=1)
    cost_per_day: float | None = Field(default=None, gt=0)
    price_per_1k_prompt: float = Field(default=0, ge=0)
    price_per_1k_completion: float = Field(default=0, ge=0)
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    samples: int = Field(
        default=0, ge=0, le=10, description="Raw values sent of each column; 0 sends none."
    )
    sample_sources: tuple[Pattern, ...] = Field(
        default=(), max_length=200, description="Sources whose raw values may be sent."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.base_url:
            check_base_url(self.base_url)
        if self.enabled and not (self.base_url and self.model):
            raise ValueError("enter the base address and the model before you turn it on")
        if self.samples and not self.sample_sources:
            raise ValueError("name the sources whose raw values may be sent")
        return self

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(
            self.base_url, self.model, self.timeout_seconds, self.retries, self.answer_format
        )

    @property
    def per_run(self) -> Budget:
        return Budget(tokens=self.tokens_per_run)

    @property
    def per_day(self) -> Budget:
        return Budget(self.calls_per_day, self.tokens_per_day, self.cost_per_day)

    def asks_about(self, source: str) -> bool:
        return any(fnmatchcase(source, each) for each in self.sources)

    def samples_of(self, source: str) -> int:
        """How many raw values of each column of a source may be sent."""
        return self.samples if any(fnmatchcase(source, s) for s in self.sample_sources) else 0


def key_from_environment(name: str) -> str:
    """The key that an environment variable holds; Unavailable when there is none."""
    key = os.environ.get(name, "").strip()
    if not key:
        raise Unavailable(f"The environment variable {name} holds no key for the assistant.")
    return key
