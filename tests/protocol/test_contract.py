"""The contract of every call, shown on one small tool through the SDK's client, in both protocol eras."""

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self

import anyio
import httpx
import jsonschema
import pytest
from mcp import Client
from mcp.client import ClientSession
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import AcceptedElicitation, Elicit, ElicitationResult, Resolve
from mcp_types import (
    ContentBlock,
    ElicitationCapability,
    ElicitRequestParams,
    ElicitResult,
    EmbeddedResource,
    ResourceLink,
    TextContent,
    TextResourceContents,
    UrlElicitationCapability,
)
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from ringcentral_meetings import errors
from ringcentral_meetings.protocol import contract
from ringcentral_meetings.protocol.building import build_tool
from ringcentral_meetings.protocol.server import ContractServer

pytestmark = pytest.mark.anyio

PATIENCE = 20.0
"""Real seconds after which a call that waits for ever is given up, so that its test fails."""

Mode = Literal["legacy", "auto"]
MODES: tuple[Mode, ...] = ("legacy", "auto")


class Consent(BaseModel):
    confirm: bool = Field(description="Remove it")


class Colour(BaseModel):
    model_config = ConfigDict(extra="forbid")

    red: int | None = Field(None, ge=0, le=255, description="Red share")
    names: list[str] | None = Field(None, description="Names of it")


class Removal(contract.Result):
    """What was removed."""

    shelf: str
    asked: bool
    left_out: str | None = None
    colour: Colour | None = None


@dataclass
class Shop:
    removed: list[str] = field(default_factory=list)
    reads: int = 0


Ctx = Context[Shop, Any]


@contract.budgeted
async def consent(ctx: Ctx, shelf: str) -> Elicit[Consent] | None:
    ctx.request_context.lifespan_context.reads += 1
    if shelf == "gone":
        raise errors.meeting_not_found(shelf)
    return Elicit(f"Remove {shelf}?", Consent) if contract.can_ask(ctx) else None


async def remove_shelf(
    ctx: Ctx,
    shelf: Annotated[str, Field(description="Which shelf")],
    answer: Annotated[ElicitationResult[Consent], Resolve(consent)],
    colour: Annotated[Colour | None, Field(description="Its colour")] = None,
    count: Annotated[int, Field(description="How many", ge=1)] = 1,
) -> Removal:
    """Remove a shelf.

    Second paragraph.
    """
    if shelf == "broken":
        raise RuntimeError("token=s3cret")
    if shelf == "slow":
        await anyio.sleep_forever()
    consented = isinstance(answer, AcceptedElicitation) and (answer.data is None or answer.data.confirm)
    if not consented:
        raise errors.declined("removal")
    ctx.request_context.lifespan_context.removed.append(shelf)
    asked = isinstance(answer, AcceptedElicitation) and answer.data is not None
    return Removal(shelf=shelf, asked=asked, colour=colour)


SPEC = contract.ToolSpec(remove_shelf, "Remove a shelf", contract.DESTROY, hints={"row": "Rows cannot be removed."})


def make_server(shop: Shop) -> ContractServer[Shop]:
    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[Shop]:
        yield shop

    return ContractServer("shop", tools=[build_tool(SPEC)], lifespan=lifespan, log_level="CRITICAL")


@dataclass
class Answer:
    error: bool
    text: str
    structured: Any

    @property
    def problem(self) -> dict[str, Any]:
        assert self.error, self.text
        body: dict[str, Any] = json.loads(self.text)["error"]
        return body


async def call(
    arguments: dict[str, Any],
    *,
    mode: Mode = "auto",
    shop: Shop | None = None,
    name: str = "remove_shelf",
    reply: Callable[[ElicitRequestParams], ElicitResult] | None = None,
) -> Answer:
    async def ask(context: Any, params: ElicitRequestParams) -> ElicitResult:
        assert reply is not None
        return reply(params)

    async with Client(make_server(shop or Shop()), mode=mode, elicitation_callback=ask if reply else None) as client:
        result = await client.call_tool(name, arguments)
        (block,) = result.content
        assert isinstance(block, TextContent)
        return Answer(bool(result.is_error), block.text, result.structured_content)


def accept(_: ElicitRequestParams) -> ElicitResult:
    return ElicitResult(action="accept", content={"confirm": True})


@pytest.mark.parametrize("mode", MODES)
async def test_a_client_that_shows_forms_is_asked_before_the_tool_runs(mode: Mode) -> None:
    shop, questions = Shop(), []

    def reply(params: ElicitRequestParams) -> ElicitResult:
        questions.append(params.message)
        assert shop.removed == []
        return accept(params)

    answer = await call({"shelf": "A"}, mode=mode, shop=shop, reply=reply)
    assert (questions, shop.removed) == (["Remove A?"], ["A"])
    assert answer.structured == {"shelf": "A", "asked": True}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("action", ["decline", "cancel", "accept"])
async def test_without_consent_nothing_is_done(mode: Mode, action: Literal["decline", "cancel", "accept"]) -> None:
    shop = Shop()
    content: Any = {"confirm": False} if action == "accept" else None
    answer = await call(
        {"shelf": "A"}, mode=mode, shop=shop, reply=lambda _: ElicitResult(action=action, content=content)
    )
    assert answer.problem["code"] == "declined"
    assert shop.removed == []


@pytest.mark.parametrize("mode", MODES)
async def test_a_client_without_elicitation_calls_the_tool_all_the_same(mode: Mode) -> None:
    answer = await call({"shelf": "A"}, mode=mode)
    assert answer.structured == {"shelf": "A", "asked": False}


@pytest.mark.parametrize("mode", MODES)
async def test_a_client_that_only_opens_urls_is_not_asked(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    declare: Callable[..., Any] = ClientSession._build_capabilities  # noqa: SLF001

    def urls_only(session: ClientSession, *args: Any, **kwargs: Any) -> Any:
        declared = declare(session, *args, **kwargs)
        return declared.model_copy(update={"elicitation": ElicitationCapability(url=UrlElicitationCapability())})

    monkeypatch.setattr(ClientSession, "_build_capabilities", urls_only)
    answer = await call({"shelf": "A"}, mode=mode, reply=accept)
    assert answer.structured == {"shelf": "A", "asked": False}


@pytest.mark.parametrize("mode", MODES)
async def test_an_error_raised_in_a_resolver_reaches_the_model_whole(mode: Mode) -> None:
    answer = await call({"shelf": "gone"}, mode=mode, reply=accept)
    assert answer.structured is None
    assert answer.problem == {
        "code": "not_found",
        "message": 'meeting_id "gone" was not found: it was deleted, has ended, or belongs to someone else.',
        "next_step": "list_meetings gives the current ids.",
        "retryable": False,
    }


@pytest.mark.parametrize("mode", MODES)
async def test_a_crash_shows_nothing_of_itself_and_is_logged(mode: Mode, caplog: pytest.LogCaptureFixture) -> None:
    answer = await call({"shelf": "broken"}, mode=mode)
    assert answer.problem["code"] == "internal_error"
    assert "s3cret" not in answer.text
    assert "s3cret" in "".join(str(record.exc_info) + caplog.text for record in caplog.records)


async def test_a_result_is_one_block_of_compact_json_without_nulls() -> None:
    answer = await call({"shelf": "A", "colour": {"red": 3}})
    assert answer.text == '{"shelf":"A","asked":false,"colour":{"red":3}}'
    assert json.loads(answer.text) == answer.structured


async def test_an_object_given_as_a_json_string_is_read_as_an_object() -> None:
    answer = await call({"shelf": "A", "colour": '{"red": 3}'})
    assert answer.structured["colour"] == {"red": 3}


async def test_unknown_arguments_are_refused_and_the_valid_ones_named() -> None:
    shop = Shop()
    problem = (await call({"shelf": "A", "colr": 1}, shop=shop)).problem
    assert problem["code"] == "invalid_arguments"
    assert problem["message"] == "remove_shelf has no argument colr. Nothing was done."
    assert problem["next_step"] == "Use only: shelf, colour, count."
    assert shop.reads == 0


async def test_an_argument_that_people_expect_and_that_is_not_there_has_its_own_hint() -> None:
    assert (await call({"shelf": "A", "row": 1})).problem["next_step"] == "Rows cannot be removed."


async def test_unknown_names_in_a_nested_object_are_refused_and_the_valid_ones_named() -> None:
    problem = (await call({"shelf": "A", "colour": {"blue": 1}})).problem
    assert problem["message"] == "colour.blue: is not known here; use red, names"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "shelf: is required and not blank (Which shelf)"),
        ({"shelf": 4}, "shelf: needs text; 4 was given"),
        ({"shelf": "A", "count": 0}, "count: is at least 1, not 0"),
        ({"shelf": "A", "count": "many"}, 'count: needs a whole number; "many" was given'),
        ({"shelf": "A", "colour": {"red": 256}}, "colour.red: is at most 255, not 256"),
        ({"shelf": "A", "colour": "blue"}, 'colour: needs an object; "blue" was given'),
        ({"shelf": "A", "colour": {"names": "x"}}, 'colour.names: needs a list; "x" was given'),
        ({"shelf": "A", "colour": {"names": [1]}}, "colour.names.0: needs text; 1 was given"),
    ],
)
async def test_a_wrong_argument_is_named_with_what_it_should_be(arguments: dict[str, Any], message: str) -> None:
    problem = (await call(arguments)).problem
    assert (problem["code"], problem["message"]) == ("invalid_arguments", message)


async def test_several_wrong_arguments_are_listed_three_at_most() -> None:
    colour = {"red": -1, "a": 1, "b": 2, "c": 3}
    problem = (await call({"shelf": "A", "colour": colour, "count": 0})).problem
    assert len(problem["fields"]) == 3
    assert problem["more_fields"] == 2


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("content", [None, {"confirm": "perhaps"}, {"agree": True}])
async def test_an_answer_that_does_not_fit_the_question_is_no_consent(mode: Mode, content: Any) -> None:
    shop = Shop()
    answer = await call(
        {"shelf": "A"}, mode=mode, shop=shop, reply=lambda _: ElicitResult(action="accept", content=content)
    )
    assert answer.problem["code"] == "declined"
    assert "did not fit the question" in answer.problem["message"]
    assert shop.removed == []


class Picture(contract.Result):
    """Beside its JSON, a file as large as it says, and a link to that."""

    note: str = "attached"
    _bytes: int = PrivateAttr(0)
    _attach: bool = PrivateAttr(True)

    def attachments(self) -> list[ContentBlock]:
        link = ResourceLink(type="resource_link", name="picture", uri="shop://picture")
        contents = TextResourceContents(uri="shop://picture", text="x" * self._bytes)
        return [EmbeddedResource(type="resource", resource=contents), link] if self._attach else [link]

    def with_less_attached(self) -> Self:
        smaller = self.model_copy(update={"note": "left out"})
        smaller._attach = False  # noqa: SLF001
        return smaller


async def draw(size: Annotated[int, Field(description="Bytes")]) -> Picture:
    """Draw."""
    picture = Picture()
    picture._bytes = size  # noqa: SLF001
    return picture


PICTURES = build_tool(contract.ToolSpec(draw, "Draw", contract.READ))


@pytest.mark.parametrize(
    ("revision", "kinds"),
    [
        ("2024-11-05", ["text", "resource"]),
        ("2025-03-26", ["text", "resource"]),
        ("2025-06-18", ["text", "resource", "resource_link"]),
        ("2025-11-25", ["text", "resource", "resource_link"]),
    ],
)
async def test_a_session_gets_the_kinds_of_content_that_its_revision_has(revision: str, kinds: list[str]) -> None:
    server = ContractServer[None]("shop", tools=[PICTURES], log_level="CRITICAL")
    app = server.streamable_http_app(stateless_http=True, json_response=True)
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "draw", "arguments": {"size": 9}}}
    headers = {"MCP-Protocol-Version": revision, "Accept": "application/json, text/event-stream"}
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as client:
        answer = (await client.post("http://localhost:8000/mcp", json=call, headers=headers)).json()
    assert [block["type"] for block in answer["result"]["content"]] == kinds


async def test_what_is_attached_counts_towards_the_size_of_a_result() -> None:
    async with Client(ContractServer[None]("shop", tools=[PICTURES], log_level="CRITICAL")) as client:
        small = await client.call_tool("draw", {"size": 1_000})
        large = await client.call_tool("draw", {"size": contract.MAX_RESULT_BYTES})
    assert [block.type for block in small.content] == ["text", "resource", "resource_link"]
    assert small.structured_content == {"note": "attached"}
    assert [block.type for block in large.content] == ["text", "resource_link"]
    assert large.structured_content == {"note": "left out"}
    assert isinstance(large.content[0], TextContent)
    assert json.loads(large.content[0].text) == large.structured_content


async def test_an_unknown_tool_is_an_error_result_that_names_the_tools() -> None:
    problem = (await call({}, name="remove_shelves")).problem
    assert problem["next_step"] == "The tools are: remove_shelf."


async def test_an_error_stays_within_its_size_whatever_it_echoes() -> None:
    answer = await call({"shelf": "A", '\N{WATERMELON}"\\' * 500: 1, "count": "\x00\u202e" + "9" * 1_000_000})
    assert len(answer.text) <= errors.MAX_ERROR_CHARS
    assert "\u202e" not in answer.text


async def test_work_beyond_the_budget_ends_in_a_timeout_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "CALL_SECONDS", 0.01)
    problem = (await call({"shelf": "slow"})).problem
    assert (problem["code"], problem["retryable"]) == ("timed_out", True)


async def test_a_person_who_never_answers_counts_as_declined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "CONFIRMATION_SECONDS", -contract.CALL_SECONDS + 0.05)
    shop = Shop()

    async def never(context: Any, params: ElicitRequestParams) -> ElicitResult:
        await anyio.sleep_forever()
        raise AssertionError

    async with Client(make_server(shop), mode="legacy", elicitation_callback=never) as client:
        with anyio.fail_after(PATIENCE):
            result = await client.call_tool("remove_shelf", {"shelf": "A"})
    block = result.content[0]
    assert isinstance(block, TextContent)
    assert json.loads(block.text)["error"]["code"] == "declined"
    assert shop.removed == []


async def test_schemas_are_published_without_references_titles_nulls_or_unions() -> None:
    async with Client(make_server(Shop())) as client:
        (tool,) = (await client.list_tools()).tools
    assert tool.description == "Remove a shelf.\n\nSecond paragraph."
    assert tool.input_schema == {
        "type": "object",
        "properties": {
            "shelf": {"type": "string", "description": "Which shelf"},
            "colour": {
                "type": "object",
                "description": "Its colour",
                "additionalProperties": False,
                "properties": {
                    "red": {"type": "integer", "minimum": 0, "maximum": 255, "description": "Red share"},
                    "names": {"type": "array", "items": {"type": "string"}, "description": "Names of it"},
                },
            },
            "count": {"type": "integer", "minimum": 1, "default": 1, "description": "How many"},
        },
        "required": ["shelf"],
        "additionalProperties": False,
    }
    assert tool.output_schema is not None
    assert "description" not in json.dumps(tool.output_schema)
    jsonschema.validate((await call({"shelf": "A"})).structured, tool.output_schema)


def test_servers_share_nothing_of_a_tool_that_one_could_change() -> None:
    one, other = build_tool(SPEC), build_tool(SPEC, {"simulated": True})
    published = json.dumps([other.parameters, other.output_schema])
    for schema in (one.parameters, one.output_schema):
        assert schema is not None
        schema["properties"]["shelf"]["type"] = "integer"
    one.resolved_params.clear()
    one.hints = {}
    assert json.dumps([other.parameters, other.output_schema]) == published
    assert json.dumps([build_tool(SPEC).parameters, build_tool(SPEC).output_schema]) == published
    assert list(other.resolved_params) == ["answer"]
    assert other.hints == SPEC.hints


def test_the_models_of_a_function_are_derived_once() -> None:
    assert build_tool(SPEC).fn_metadata.arg_model is build_tool(SPEC).fn_metadata.arg_model


async def test_the_log_names_the_tool_and_the_outcome_but_no_argument(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="ringcentral_meetings"):
        await call({"shelf": "gone"})
    assert "Tool remove_shelf answered not_found" in caplog.text
    assert "gone" not in caplog.text.replace("not_found", "")


@pytest.mark.parametrize("asks", [True, False])
async def test_progress_tells_of_a_wait(asks: bool) -> None:
    told: list[str | None] = []

    async def wait(ctx: Ctx, seconds: Annotated[int, Field(description="How long")]) -> Removal:
        """Wait."""
        report: Callable[[float], Awaitable[None]] = contract.report_waits(ctx)
        await report(seconds)
        return Removal(shelf="", asked=False)

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        told.append(message)

    server = ContractServer[Shop](
        "shop", tools=[build_tool(contract.ToolSpec(wait, "Wait", contract.READ))], log_level="CRITICAL"
    )
    async with Client(server) as client:
        await client.call_tool("wait", {"seconds": 7}, progress_callback=on_progress if asks else None)
    assert told == (["Waiting 7 s for RingCentral's rate limit"] if asks else [])
