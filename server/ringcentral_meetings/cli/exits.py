"""How a command ends: its exit codes, and one line on stderr that says why."""

import sys
from typing import Final, NoReturn

import click

from ringcentral_meetings import PROGRAM

FAILED: Final = 1
USAGE_ERROR: Final = 2
INTERRUPTED: Final = 130


def fail(problem: str, code: int) -> NoReturn:
    """Print a problem, and end the process."""
    click.echo(f"{PROGRAM}: {problem}", err=True)
    sys.exit(code)


def first_of(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first of the exceptions in a group, groups in it included."""
    inner = failed.exceptions[0]
    return first_of(inner) if isinstance(inner, BaseExceptionGroup) else inner
