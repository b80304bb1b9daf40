"""The code location that Dagster loads: the definitions for the settings of this environment."""

from pipelines.assembly import build_definitions
from pipelines.settings import load_settings

_settings = load_settings()
_operation = _settings.load_operation()

defs = build_definitions(_settings, _operation, _settings.sources_of(_operation))
