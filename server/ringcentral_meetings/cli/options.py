"""The options of the server, which stand before a command or after it, and mean the same there."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

import click


class Given(NamedTuple):
    """What the options say: the .env file, and settings by name."""

    env_file: str | None = None
    settings: dict[str, Any] = {}  # noqa: RUF012  (never changed)

    def and_also(self, name: str, value: Any) -> "Given":
        """Return this with another option, which takes the place of the same one given earlier."""
        if name == "env_file":
            return self._replace(env_file=value)
        return self._replace(settings={**self.settings, name: value})

    def names(self) -> list[str]:
        """Return the names of the options that are given."""
        return [*self.settings, *(["env_file"] if self.env_file is not None else [])]


def _note(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Lay an option over those that stand before the command; one that is not there changes nothing."""
    if value is not None and value is not False:
        ctx.obj = given(ctx).and_also(str(param.name), value)


def given(ctx: click.Context) -> Given:
    """Return what the options up to here say."""
    return ctx.obj if isinstance(ctx.obj, Given) else Given()


_OPTIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "simulator": click.option(
        "--simulator",
        is_flag=True,
        expose_value=False,
        callback=_note,
        help="Use the built-in RingCentral simulator; needs no account.",
    ),
    "read_only": click.option(
        "--read-only",
        is_flag=True,
        expose_value=False,
        callback=_note,
        help="Offer only the tools that change nothing.",
    ),
    "env_file": click.option(
        "--env-file",
        type=click.Path(dir_okay=False),
        metavar="PATH",
        expose_value=False,
        callback=_note,
        help="Also read settings from this .env file (or from the one that RINGCENTRAL_ENV_FILE names).",
    ),
    "profile": click.option(
        "--profile",
        metavar="NAME",
        expose_value=False,
        callback=_note,
        help="Which stored sign-in to use (or RINGCENTRAL_PROFILE); see login.",
    ),
}
ALL: Final = tuple(_OPTIONS)
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def server_options(*names: str) -> Callable[[Decorated], Decorated]:
    """Add options of the server to a command: those named, or all."""

    def add(command: Decorated) -> Decorated:
        for name in reversed(names or ALL):
            command = _OPTIONS[name](command)
        return command

    return add


def refuse_others(ctx: click.Context, command: click.Command | None) -> None:
    """Refuse an option that stands before a command which does not take it."""
    taken = {param.name for param in command.params} if command is not None else set()
    for name in given(ctx).names():
        if command is not None and name not in taken:
            raise click.UsageError(f"{command.name} takes no --{name.replace('_', '-')}.")
