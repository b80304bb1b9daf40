"""Settings: typed, validated at start, each overridable by an environment variable `STORMLANTERN_<NAME>`."""

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from assets.capture.source import Source, SourceError, load_sources
from assets.operation import Operation, OperationError, load_operation

PACKAGE = Path(__file__).parent
BUILT_IN_SOURCES = PACKAGE / "sources"
BUILT_IN_OPERATIONS = PACKAGE / "operations"
STANDING = "daily"
DEMONSTRATION = "demonstration"


class SettingsError(ValueError):
    """A setting that cannot be used; the message names the variable and the remedy."""


class Settings(BaseSettings):
    """What a user may set. Everything a run makes is under `home`."""

    model_config = SettingsConfigDict(env_prefix="STORMLANTERN_", extra="ignore", frozen=True)

    home: Path = Path("data")
    sources: Annotated[tuple[Path, ...], NoDecode] = ()
    operation: str | None = None
    user_agent: str = "Stormlantern/0.1 (+https://stormlantern.example/crawler)"
    trust_proxy_environment: bool = False
    allow_loopback: bool = False
    allow_networks: tuple[str, ...] = ()
    resolve: dict[str, str] = {}
    max_wire_bytes: Annotated[int, Field(ge=1_000)] = 20_000_000
    max_decoded_bytes: Annotated[int, Field(ge=1_000)] = 60_000_000
    total_deadline_seconds: Annotated[float, Field(gt=0)] = 30.0
    crawl_processes: Annotated[int, Field(ge=1, le=64)] = 1
    keep_snapshots: Annotated[int, Field(ge=1)] = 5
    pseudonym_key: str | None = None
    timestamp_url: str | None = None
    timestamp_roots: Path | None = None
    schedule_cron: str = "15 3 * * *"
    lock_wait_seconds: Annotated[float, Field(ge=0)] = 10.0

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        if "://" in str(home):
            raise ValueError("an object-store home is not supported yet; give a folder")
        return home.expanduser().resolve()

    @field_validator("timestamp_url")
    @classmethod
    def _web_address(cls, address: str | None) -> str | None:
        if address and not address.startswith(("http://", "https://")):
            raise ValueError("give the http or https address of an RFC 3161 authority")
        return address or None

    @field_validator("sources", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """Read `a.yaml:folder` as the paths of `os.pathsep`-separated words."""
        return tuple(part for part in value.split(os.pathsep) if part) if isinstance(value, str) else value

    @cached_property
    def all_sources(self) -> dict[str, Source]:
        """Every described source, built-in ones first, by name. Raises `SourceError`."""
        return load_sources([BUILT_IN_SOURCES, *self.sources], self.home)

    def load_operation(self, name: str | None = None) -> Operation:
        """The operation of a name or file; without one, `daily` if any source is enabled, else the
        demonstration. Raises `OperationError`.
        """
        name = name or self.operation
        if name is None:
            enabled = [source for source in self.all_sources.values() if source.enabled]
            name = STANDING if enabled else DEMONSTRATION
        file = Path(name) if name.endswith((".yaml", ".yml")) else BUILT_IN_OPERATIONS / f"{name}.yaml"
        if not file.exists():
            known = ", ".join(sorted(path.stem for path in BUILT_IN_OPERATIONS.glob("*.yaml")))
            raise OperationError(f"no operation {name!r}: give a YAML file or one of: {known}")
        return load_operation(file)

    def sources_of(self, operation: Operation, only: tuple[str, ...] = ()) -> dict[str, Source]:
        """The sources to capture: `only`, else the operation's, else all enabled. Raises `SourceError`."""
        known = self.all_sources
        wanted = only or operation.sources
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise SourceError(
                f"no source named {', '.join(unknown)}; known: {', '.join(sorted(known))}. Set "
                "STORMLANTERN_SOURCES to the file or folder that describes it"
            )
        if wanted:
            return {name: known[name] for name in wanted}
        return {name: source for name, source in known.items() if source.enabled}


def load_settings(**overrides: object) -> Settings:
    """Read the settings. Raises `SettingsError` naming each variable that is wrong."""
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "; ".join(
            f"STORMLANTERN_{'_'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
            for item in error.errors(include_input=False)
        )
        raise SettingsError(f"settings cannot be used: {problems}") from None
