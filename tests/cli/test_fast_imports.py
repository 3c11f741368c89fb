"""The libraries as a serving process imports them; `cli/test_serve.py` shows the server at work so, in both eras."""

import subprocess
import sys

import pytest

PRELUDE = """
import sys
from ringcentral_meetings.cli.fast_imports import import_libraries
import_libraries()
"""


def answer(program: str) -> str:
    """What a fresh process prints that imported the libraries so; a warning ends it."""
    command = [sys.executable, "-W", "error", "-c", PRELUDE + program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "name",
    [
        *("mcp.client.session", "pygments", "httpx", "httpcore2", "httpcore", "truststore", "icalendar", "keyring"),
        *(f"ringcentral_meetings.{name}" for name in ("connection", "platform.client", "products.choice")),
    ],
)
def test_what_serving_may_never_need_is_not_imported(name: str) -> None:
    assert answer(f"import ringcentral_meetings.cli.serve; print({name!r} in sys.modules)") == "False"


def test_what_was_put_off_is_there_for_whoever_asks() -> None:
    program = """

from mcp import Client, types
import httpx, mcp, sys
names = [one.__name__ for one in (Client, mcp.ClientSession, types.Tool)]
print(*names, callable(httpx.main), hasattr(mcp, "no"), "pygments" in sys.modules)
"""
    assert answer(program) == "Client ClientSession Tool True False False"


def test_models_defined_later_are_built_at_once() -> None:
    program = """
from pydantic import BaseModel
class Later(BaseModel):
    number: int = 0
print(Later.__pydantic_complete__, "defer_build" in BaseModel.model_config)
"""
    assert answer(program) == "True False"


def test_every_model_that_was_deferred_can_be_built() -> None:
    """Of the types of both protocol eras and of the SDK: a failure would else come with the first message of a kind."""
    program = """
from pydantic import BaseModel
def below(model):
    for one in model.__subclasses__():
        yield one
        yield from below(one)
models = {one for one in below(BaseModel) if one.__module__.startswith("mcp")}
generic = {one for one in models if one.__pydantic_generic_metadata__["parameters"]}
waiting = [one for one in models - generic if not one.__pydantic_complete__]
failed = [one for one in waiting if one.model_rebuild() is False]
print(len(waiting) > 300, failed)
"""
    assert answer(program) == "True []"


def test_libraries_that_are_there_already_are_left_as_they_are() -> None:
    program = "import mcp; before = mcp.Client; import_libraries(); print(mcp.Client is before)"
    assert answer(program) == "True"
