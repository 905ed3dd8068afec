"""What an operator sets before the start; read once, frozen, and wrong values stop the process."""

from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from muniment.kernel.errors import Invalid

PREFIX = "MUNIMENT_"


def _default_state_dir() -> Path:
    return Path.home() / ".local" / "state" / "muniment"


class Settings(BaseSettings):
    """Every setting is an environment variable ``MUNIMENT_<NAME>``."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", env_ignore_empty=True
    )

    state_dir: Path = Field(
        default_factory=_default_state_dir,
        description="Where the embedded PostgreSQL, keys, logs and the search index live.",
    )
    cache_dir: Path | None = Field(
        default=None,
        description="Where what can be made again is kept; default: in the state directory.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="A PostgreSQL 15+ to use instead of the embedded one: postgresql://user:password@host:5432/database",
    )
    host: str = Field(default="127.0.0.1", description="Address the API and the UI listen on.")
    port: int = Field(default=8765, ge=0, le=65535, description="Their port; 0 takes a free one.")
    base_url: str | None = Field(
        default=None, description="The address people use, where a proxy stands in front."
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "text"] = "auto"
    worker_processes: int | None = Field(
        default=None,
        ge=1,
        le=256,
        description="Children that read and analyse; default: one per core.",
    )
    master_key_file: Path | None = Field(
        default=None,
        description="File with the master key of the vault; default: in the state directory.",
    )
    session_hours: float = Field(default=12.0, gt=0, le=24 * 30)
    secure_cookies: bool = Field(
        default=False, description="Set when people reach Muniment through HTTPS."
    )

    @cached_property
    def pattern_cache(self) -> Path:
        """Where the compiled patterns of classifiers are kept: making them costs seconds."""
        return (self.cache_dir or self.state_dir / "cache") / "classifiers"

    @cached_property
    def key_file(self) -> Path:
        return self.master_key_file or self.state_dir / "keys" / "master.key"


def load_settings(**overrides: object) -> Settings:
    """Read the environment; Invalid names the variable that does not fit."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # checked by pydantic itself
    except ValidationError as error:
        wrong = "; ".join(
            f"{PREFIX}{'_'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise Invalid(f"A setting does not fit. {wrong}.") from None
