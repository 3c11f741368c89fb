"""Strange answers about rooms, and the secrets of their hosts over every fault."""

import json
import re
from typing import Any

import httpx
import pytest

from assistant import at_work
from faults.jobs import ROOM_JOBS, ZONE, lay_out_room
from faults.scripted import at_work_on
from faults.test_hostile_answers import FINE, STRANGE, places_in, with_member
from faults.test_matrix import ROOM_CELLS
from faults.test_secrets import logged
from ringcentral_meetings.protocol.contract import MAX_RESULT_BYTES
from ringcentral_meetings.simulator import CLIENT_SECRET, JWT, Simulator

pytestmark = pytest.mark.anyio

BRIDGE_ID = "iad41-c04-ndb1"
PW = "99e4f8e6a241fc71279449a9c8f46eef"


def a_room() -> dict[str, Any]:
    """A room as the API reference has it."""
    return {
        "id": BRIDGE_ID,
        "name": "Weekly",
        "type": "Scheduled",
        "host": {"accountId": "1", "extensionId": "2"},
        "pins": {
            "pstn": {"host": "432331057631", "participant": "013409241367"},
            "web": "018209241352",
            "aliases": ["a"],
        },
        "security": {
            "passwordProtected": True,
            "password": {"plainText": "Wq123ygs15", "pstn": "7492486829", "joinQuery": PW},
            "noGuests": False,
            "sameAccount": False,
            "e2ee": False,
        },
        "preferences": {
            "join": {"audioMuted": False, "videoMuted": False, "waitingRoomRequired": "Nobody"},
            "joinBeforeHost": True,
            "screenSharing": True,
            "recordingsMode": "User",
            "transcriptionsMode": "User",
        },
        "discovery": {"web": f"https://v.ringcentral.com/join/018209241352?pw={PW}"},
    }


@pytest.mark.parametrize("path", list(places_in(a_room())), ids=lambda path: ".".join(map(str, path)))
async def test_a_room_with_one_strange_member_is_read_or_refused_but_never_a_fault_of_ours(
    path: tuple[str | int, ...],
) -> None:
    answers: dict[str, Any] = {}

    def script(request: httpx.Request) -> httpx.Response:
        numbers = {"hostCode": "987654321", "phoneNumbers": [{"phoneNumber": "+15550100"}]}
        shown = numbers if request.url.path.endswith("/conferencing") else answers["now"]
        return httpx.Response(200, content=json.dumps(shown))

    async with at_work_on(script, product="video") as assistant:
        for strange in STRANGE:
            answers["now"] = with_member(a_room(), path, strange)
            for answer in (
                await assistant.call("get_meeting", meeting_id=BRIDGE_ID),
                await assistant.call("get_meeting_invitation", meeting_id=BRIDGE_ID, start_time="2026-11-30T09:00"),
            ):
                assert answer.code in FINE, (strange, answer.text)
                assert len(answer.text) <= MAX_RESULT_BYTES
                assert not {"432331057631", "987654321"} & set(re.findall(r"\d+", answer.text))


def canaries(simulator: Simulator) -> set[str]:
    """Every secret that the platform holds now: tokens in use, and what lets one in as the host by telephone."""
    tokens = {row["token"] for row in simulator.store.run("SELECT token FROM tokens")}
    return {CLIENT_SECRET, JWT, *tokens, *(room["pins"]["pstn"]["host"] for room in simulator.bridges())}


async def test_no_fault_of_any_tool_brings_a_hosts_secret_into_a_result_an_error_or_the_log() -> None:
    with logged() as (text, as_json):
        async with at_work(time_zone=ZONE, log_level="DEBUG", product="video") as assistant:
            secrets: set[str] = set()
            said: list[str] = []
            for job, row in ROOM_CELLS:
                desk = lay_out_room(assistant)
                desk.strike(job.struck(row.fault))
                secrets |= canaries(assistant.simulator)
                said.append((await job.run(desk)).text)
            secrets |= canaries(assistant.simulator)
    assert {job.tool for job, _ in ROOM_CELLS} == set(ROOM_JOBS)
    for told in (*said, text.getvalue(), as_json.getvalue()):
        assert not [secret for secret in secrets if secret in told]


async def test_the_hash_in_a_join_link_is_not_logged() -> None:
    with logged() as (text, as_json):
        async with at_work(log_level="DEBUG", product="video") as assistant:
            room = assistant.simulator.bridge(assistant.simulator.put_bridge(security={"password": "Secret1"}))
            assert room is not None
            link = room["discovery"]["web"]
            assert (await assistant.call("get_meeting", meeting_id=link)).data["meeting"]["join_url"] == link
    for told in (text.getvalue(), as_json.getvalue()):
        assert link.partition("pw=")[2] not in told
