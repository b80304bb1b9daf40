"""Resources: the house that every asset works in, opened once per run."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dagster as dg

from assets.capture.source import Source
from assets.house import House, Speaker
from assets.operation import Operation
from pipelines.house import open_house
from pipelines.settings import Settings


class Chorus:
    """Says everything to several listeners."""

    def __init__(self, *speakers: Speaker) -> None:
        self._speakers = speakers

    def info(self, msg: str) -> None:
        for speaker in self._speakers:
            speaker.info(msg)

    def warning(self, msg: str) -> None:
        for speaker in self._speakers:
            speaker.warning(msg)


def house_resource(
    settings: Settings, operation: Operation, sources: Mapping[str, Source], *listeners: Speaker
) -> dg.ResourceDefinition:
    """A `House` for the length of a run; it says what it does to Dagster's log and to the listeners."""

    @dg.resource(description="The locked home of a run: store, sources, operation")
    @contextmanager
    def house(context: dg.InitResourceContext) -> Iterator[House]:
        run_id = context.run.run_id if context.run is not None else "unknown"
        log = Chorus(*([context.log] if context.log is not None else []), *listeners)
        with open_house(settings, operation, sources, run_id, log) as opened:
            yield opened

    return house
