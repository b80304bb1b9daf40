"""Help that shows what arguments are.

Typer 0.25 sets the help of an argument before it hands over to Click, whose 8.5 knows such help itself and, given none,
sets it to nothing. What a command's signature says of its arguments is put back here.
"""

from inspect import signature, unwrap
from typing import Any, get_args

from typer.core import TyperArgument, TyperGroup
from typer.models import ArgumentInfo


class GroupWithArguments(TyperGroup):
    """A group of commands whose arguments have the help that their `typer.Argument` gives."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for command in self.commands.values():
            if command.callback is None:
                continue
            said = _help_of_arguments(command.callback)
            for parameter in command.params:
                if isinstance(parameter, TyperArgument) and parameter.help is None:
                    parameter.help = said.get(parameter.name or "")


def _help_of_arguments(callback: Any) -> dict[str, str]:
    """Help by the name of the argument, as the signature of a command's function annotates it."""
    parameters = signature(unwrap(callback), eval_str=True).parameters
    return {
        name: note.help
        for name, parameter in parameters.items()
        for note in get_args(parameter.annotation)[1:]
        if isinstance(note, ArgumentInfo) and note.help
    }
