"""The form of a conversation in a YAML file, read strictly: what is misspelt or missing is named with file and step."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ringcentral_meetings.errors import Code

Product = Literal["RingCentral Meetings", "RingCentral Video"]
LocalTime = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d$")]
Name = Annotated[str, Field(pattern=r"^[a-z_]+$")]
Reference = Annotated[str, Field(pattern=r"^\$\{[^}]+\}$")]
Expected = dict[str, Any]
"""What stands where: a JMESPath expression, and the value that it has to give."""


class BadScriptError(Exception):
    """A file that is not a conversation, or one that refers to what there is not."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Given(_Part):
    """A meeting that is there beforehand, or a room; `more` are fields as RingCentral names them.

    `held` are starts at which it took place, in the zone of the conversation; a meeting was recorded then.
    """

    name: Name = Field(alias="as")
    topic: str
    start: LocalTime | None = None
    time_zone: str | None = None
    minutes: int = 30
    running: bool = False
    held: list[LocalTime] = []
    repeats: dict[str, Any] | None = None
    more: dict[str, Any] = {}


class Step(_Part):
    """One call of a tool, and what it has to answer.

    `searched` has the words of somebody who does not know the tools: the tool that a search for them finds first is
    called. `again` repeats the call of an earlier step, with `with` over its arguments and without those in `without`.
    `pages` follows next_page_token and puts the rows under that name together.
    """

    call: str | None = None
    searched: str | None = None
    again: Name | None = None
    arguments: dict[str, Any] | Reference = Field(default={}, alias="with")
    without: list[str] = []
    pages: str | None = None
    at: LocalTime | None = None
    name: Name | None = Field(default=None, alias="as")
    fails: Code | None = None
    shows: Expected = {}
    says: list[str] = []
    says_not: list[str] = []

    @model_validator(mode="after")
    def _names_what_to_call(self) -> Self:
        if sum(way is not None for way in (self.call, self.searched, self.again)) != 1:
            raise ValueError("needs either call, searched or again")
        return self


class State(_Part):
    """What has become of the meetings and rooms, by topic, and what the platform then holds of them all.

    Whatever is not named here must be as it was.
    """

    created: list[str] = []
    changed: list[str] = []
    deleted: list[str] = []
    holds: Expected = {}


class Bounds(_Part):
    """What it may cost: calls of tools, requests to RingCentral, bytes of arguments and answers."""

    calls: Annotated[int, Field(ge=1, le=20)]
    requests: Annotated[int, Field(ge=0, le=60)]
    bytes: Annotated[int, Field(ge=1)]


class Conversation(_Part):
    """What a person wants, the steps of an assistant that does it, and how it has to end.

    `asked` is how often the person is asked where the client can ask, and `person` what they answer. One who
    declines is only asked by a client that can. `calendar` holds the events of the person's own, as iCalendar text.
    """

    goal: Annotated[str, Field(min_length=20)]
    product: Product = "RingCentral Meetings"
    time_zone: str
    clock: LocalTime
    person: Literal["agrees", "declines"] = "agrees"
    seeded: bool = True
    given: list[Given] = []
    calendar: list[str] = []
    faults: str | None = None
    settings: dict[str, Any] = {}
    steps: Annotated[list[Step], Field(min_length=1)]
    asked: int = 0
    state: State = State()
    at_most: Bounds

    @model_validator(mode="after")
    def _last_answer_is_looked_at(self) -> Self:
        if not (self.steps[-1].shows or self.steps[-1].says):
            raise ValueError("the last step has neither shows nor says")
        return self


def load(file: Path) -> Conversation:
    """The conversation in a file; BadScriptError naming the file, and the step where it is one, if it is none."""
    try:
        return Conversation.model_validate(yaml.load(file.read_text(encoding="utf-8"), _Loader))  # noqa: S506
    except yaml.YAMLError as broken:
        raise BadScriptError(f"{file.name}: {broken}") from broken
    except ValidationError as invalid:
        problems = [f"{file.name}: {_where(error['loc'])}: {error['msg']}" for error in invalid.errors()]
        raise BadScriptError("\n".join(problems)) from invalid


def _where(place: tuple[int | str, ...]) -> str:
    match place:
        case ("steps", int(index), *rest):
            return ".".join(["step " + str(index + 1), *map(str, rest)])
        case _:
            return ".".join(map(str, place)) or "conversation"


class _Loader(yaml.SafeLoader):
    """SafeLoader without what YAML 1.1 reads into plain words: 2026-11-24, 10:30 and no stay the texts they are."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in {"null", "merge"}]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        if len(set(keys)) < len(keys):
            raise yaml.constructor.ConstructorError(None, None, f"a key is there twice: {keys}", node.start_mark)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?\d{1,9}$"), list("-0123456789"))
