"""Broken lines over stdio: each is answered as JSON-RPC has it, and the next good one is served."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp_types import INVALID_REQUEST, PARSE_ERROR

from cli.wire import ERAS, Wire, wired
from ringcentral_meetings.protocol.stdio.lines import MAX_LINE_BYTES

REQUEST = {"jsonrpc": "2.0", "id": "b", "method": "tools/call", "params": {"name": "get_meeting"}}
PADDING = b" " * 10 * 1024 * 1024


def but(*, without: str = "", **changed: Any) -> bytes:
    """The good request, but for something."""
    return json.dumps({name: value for name, value in (REQUEST | changed).items() if name != without}).encode()


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


NOT_JSON: dict[str, tuple[bytes, list[Any]]] = {
    "no JSON": (b"nonsense", [None]),
    "a torn frame": (but()[:-1], ["b"]),
    "a frame torn before its id": (b'{"jsonrpc":"2.0","method":"tools/call","id', [None]),
    "a frame torn within its id": (b'{"jsonrpc":"2.0","method":"tools/call","id":12', [None]),
    "a comma too many": (but()[:-1] + b",}", ["b"]),
    "single quotes": (but().replace(b'"', b"'"), [None]),
    "an id with escapes": (but(id='\\"b\u00fc')[:-1], ['\\"b\u00fc']),
    "a line end missing": (but(id="b1") + but(id=2), ["b1", 2]),
    "a log line in front": (b"INFO starting " + but(), ["b"]),
    "no number": (but(params={"name": "get_meeting", "arguments": {"a": float("nan")}}), ["b"]),
    "half a character": (but(params={"name": "\ud83d"}), ["b"]),
    "Latin-1": (but()[:-1] + ', "x": "ü"}'.encode("latin-1"), ["b"]),
    "Latin-1 in the id": (b'{"jsonrpc":"2.0","id":"\xfc","method":"ping"}', [None]),
    "nested 300 deep": (but().replace(b'{"name"', b'{"arguments":' + nested(300) + b',"name"'), ["b"]),
    "nested 100,000 deep": (but().replace(b'{"name"', b'{"arguments":' + nested(100_000) + b',"name"'), ["b"]),
    "nested, with the id last": (
        b'{"method":"tools/call","params":{"id":"x","a":' + nested(100_000) + b'},"jsonrpc":"2.0","id":"b"}',
        ["b"],
    ),
    "a torn response": (b'{"jsonrpc":"2.0","id":1,"result":{', [None]),
    "a torn batch": (b"[" + but(), [None]),
}
NO_MESSAGE: dict[str, tuple[bytes, list[Any]]] = {
    "a number": (b"1", [None]),
    "a string": (b'"ping"', [None]),
    "null": (b"null", [None]),
    "nothing in it": (b"{}", [None]),
    "an id alone": (b'{"jsonrpc":"2.0","id":"b"}', [None]),
    "a batch": (b"[" + but(id=7) + b',{"jsonrpc":"2.0","method":"x"},1,' + but(id="b2") + b"]", [7, "b2"]),
    "an empty batch": (b"[]", [None]),
    "a batch of notifications": (b'[{"jsonrpc":"2.0","method":"x"}]', [None]),
    "no jsonrpc": (but(without="jsonrpc"), ["b"]),
    "jsonrpc 1.0": (but(jsonrpc="1.0"), ["b"]),
    "id null": (but(id=None), [None]),
    "id true": (but(id=True), [None]),
    "id an object": (but(id={}), [None]),
    "id a fraction": (but(id=1.5), [1.5]),
    "id beyond all numbers": (but(id=0).replace(b'"id": 0', b'"id": 1e999'), [None]),
    "method a number": (but(method=5), ["b"]),
    "method a number, and no id": (but(method=5, without="id"), [None]),
    "params a list": (but(params=["get_meeting"]), ["b"]),
    "params a string": (but(params="get_meeting"), ["b"]),
    "10 MB": (but() + PADDING, ["b"]),
    "10 MB, with the id last": (but(without="id")[:-1] + b',"x":1' + PADDING + b', "id": "b"}', ["b"]),
    "10 MB without an id": (PADDING + b"x", [None]),
    "a byte too long": (but().ljust(MAX_LINE_BYTES + 1), ["b"]),
}
UNANSWERED = {
    "nothing": b"",
    "a carriage return": b"\r",
    "spaces": b" \t ",
    "a notification with broken params": b'{"jsonrpc":"2.0","method":"notifications/initialized","params":5}',
    "a notification without jsonrpc": b'{"method":"notifications/initialized"}',
    "a notification that nobody knows": b'{"jsonrpc":"2.0","method":"no/such"}',
    "a response that nobody waits for": b'{"jsonrpc":"2.0","id":77,"result":{}}',
    "an error that nobody waits for": b'{"jsonrpc":"2.0","id":77,"error":{"code":1,"message":"x"}}',
    "an error without an id": b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}',
    "a broken response": b'{"jsonrpc":"2.0","id":77,"result":5}',
    "a broken error": b'{"jsonrpc":"2.0","id":1.5,"error":"x"}',
}


@pytest.fixture(scope="module", params=ERAS)
def wire(request: pytest.FixtureRequest) -> Iterator[Wire]:
    """One server for all frames, so that each is met by one that has met all before."""
    with wired(request.param) as one:
        one.shake_hands()
        yield one
        assert one.ended() == []


def check_that_it_serves(wire: Wire) -> None:
    wire.send(wire.call("good", "get_meeting"))
    good = wire.answer()
    assert good["id"] == "good"
    assert "meeting_id" in good["result"]["content"][0]["text"]


def check_refusals(wire: Wire, line: bytes, code: int, ids: list[Any]) -> None:
    wire.send(line + b"\n")
    for one in ids:
        answer = wire.answer()
        assert answer["jsonrpc"] == "2.0"
        assert (answer["id"], answer["error"]["code"]) == (one, code)
        assert len(answer["error"]["message"]) < 200
    check_that_it_serves(wire)


@pytest.mark.parametrize(("line", "ids"), NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_no_json_is_a_parse_error_of_the_request_if_it_can_be_told(
    wire: Wire, line: bytes, ids: list[Any]
) -> None:
    check_refusals(wire, line, PARSE_ERROR, ids)


@pytest.mark.parametrize(("line", "ids"), NO_MESSAGE.values(), ids=NO_MESSAGE.keys())
def test_json_that_is_no_message_is_an_invalid_request(wire: Wire, line: bytes, ids: list[Any]) -> None:
    check_refusals(wire, line, INVALID_REQUEST, ids)


@pytest.mark.parametrize("line", UNANSWERED.values(), ids=UNANSWERED.keys())
def test_what_asks_for_nothing_is_not_answered(wire: Wire, line: bytes) -> None:
    wire.send(line + b"\n")
    check_that_it_serves(wire)


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"", b"\r\n"), (b"\xef\xbb\xbf", b"\n"), (b" ", b" \n"), (b"\n\n", b"\n\n"), (b"", b" " * 1_000_000 + b"\n")],
    ids=["CRLF", "a byte order mark", "spaces", "blank lines", "a megabyte"],
)
def test_what_surrounds_a_good_frame_does_not_matter(wire: Wire, before: bytes, after: bytes) -> None:
    wire.send(before, wire.call("g", "get_meeting").rstrip(), after)
    answer = wire.answer()
    assert answer["id"] == "g"
    assert "result" in answer
    check_that_it_serves(wire)


def test_arguments_are_refused_in_our_words_as_deep_as_a_frame_is_read(wire: Wire) -> None:
    wire.send(wire.call("g", "get_meeting", meeting_id=json.loads(nested(190))))
    answer = wire.answer()
    assert answer["id"] == "g"
    assert "invalid_arguments" in answer["result"]["content"][0]["text"]


def test_an_id_in_use_is_refused_and_the_request_that_has_it_is_answered_once(wire: Wire) -> None:
    wire.send(wire.call("twice", "list_meetings"), wire.call("twice", "list_meetings"))
    refused, answered = wire.answer(), wire.answer()
    assert (refused["id"], refused["error"]["code"]) == ("twice", INVALID_REQUEST)
    assert (answered["id"], answered["result"].get("isError", False)) == ("twice", False)
    wire.send(wire.call("twice", "get_meeting"))
    assert "result" in wire.answer()
    check_that_it_serves(wire)


@pytest.mark.parametrize("era", ERAS)
def test_broken_frames_before_the_first_request_are_answered_and_do_not_decide_the_era(era: Any) -> None:
    with wired(era) as wire:
        for _ in range(20):
            wire.send(b"nonsense\n")
            assert wire.answer()["error"]["code"] == PARSE_ERROR
        wire.shake_hands()
        check_that_it_serves(wire)
        assert wire.ended() == []


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Only Linux tells how much memory a process took")
def test_a_line_of_any_length_is_passed_over_in_bounded_memory(wire: Wire) -> None:
    before = most_memory(wire)
    wire.send(but(without="id")[:-1])
    for _ in range(30):
        wire.send(PADDING)
    check_refusals(wire, b', "id": "b"}', INVALID_REQUEST, ["b"])
    assert most_memory(wire) - before < 32 * 1024


def most_memory(wire: Wire) -> int:
    """In KiB, so far."""
    status = Path(f"/proc/{wire.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])
