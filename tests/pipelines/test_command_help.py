"""What `--help` shows: every argument and option of every command with a word about it."""

from collections.abc import Iterator

import click
import pytest
import typer
from typer.testing import CliRunner

from pipelines.cli import app


def _commands(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        for name, part in command.commands.items():
            yield from _commands(part, (*path, name))
    else:
        yield path, command


COMMANDS = dict(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_says_what_every_argument_and_option_is(path: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "300", "TERMINAL_WIDTH": "300"})
    assert done.exit_code == 0
    shown = " ".join(done.output.split())
    assert COMMANDS[path].params
    for parameter in COMMANDS[path].params:
        said = getattr(parameter, "help", None)
        assert said, f"{parameter.name} of {path} says nothing"
        assert " ".join(said.split()) in shown


def test_a_file_of_link_is_an_argument_with_help() -> None:
    assert any(isinstance(parameter, click.Argument) for parameter in COMMANDS["link",].params)
