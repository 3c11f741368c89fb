"""The insights of RingSense into a recorded meeting of RingCentral Video: transcript, summary, next steps.

Source: API reference "Get Recording Insights" (August 2026) and developer guide, "AI". Not known of the platform,
and assumed here: a meeting that was not recorded, is not processed yet or may not be seen by the user is 404
CMN-102. The other domains of the operation are empty.
"""

from itertools import cycle
from typing import Any

from ringcentral_meetings.simulator.calls import Call, Operation
from ringcentral_meetings.simulator.replies import Reply, invalid, json_reply, missing
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.times import iso, utc
from ringcentral_meetings.simulator.video.history import PROCESSING_SECONDS, recording_status, summary, takes_part
from ringcentral_meetings.simulator.video.tables import Held, begun

INSIGHTS = "/ai/ringsense/v1/public/accounts/{account_id}/domains/{domain}/records/{record_id}/insights"
DOMAINS = ("pbx", "rcv", "rcx", "nice-incontact", "ms-teams")
UTTERANCE_SECONDS = 6.0
LINES = (
    "Thanks for coming, let us begin with {topic}.",
    "I have gone through the open points and two of them are left.",
    "The first one is mine, I can finish it by Friday.",
    "Then I take the second, and send the numbers round tomorrow.",
    "Good, that is all for {topic}. Thank you.",
)


def read_insights(state: State, call: Call) -> Reply:
    """Answer with the insights into a recording, by default all of them, else those that `insightTypes` names."""
    if call.path["domain"] not in DOMAINS:
        raise invalid("domain")
    held = _recorded(state, call)
    made = _insights(held)
    wanted = call.query["insightTypes"].split(",") if "insightTypes" in call.query else list(made)
    if not set(wanted) <= made.keys():
        raise invalid("insightTypes")
    return json_reply(200, _resource(held) | {"insights": {name: made[name] for name in wanted}})


def operations() -> list[Operation]:
    """Return the operation on insights."""
    return [Operation("GET", INSIGHTS, "light", "RingSense", "ReadRingSenseInsights", read_insights)]


def _recorded(state: State, call: Call) -> Held:
    rooms = begun(state) if call.path["domain"] == "rcv" else []
    for held in rooms:
        ready = recording_status(held, state.now()) == "Processed"
        if held.id == call.path["record_id"] and ready and takes_part(call.user, held):
            return held
    raise missing("sourceRecordId")


def _resource(held: Held) -> dict[str, Any]:
    made = iso(utc(held.end + PROCESSING_SECONDS))
    return {
        "title": held.name,
        "domain": "rcv",
        "sourceRecordId": held.id,
        "sourceSessionId": held.id,
        "ownerExtensionId": held.host,
        "recordingDurationMs": held.seconds * 1000,
        "recordingStartTime": iso(utc(held.start)),
        "creationTime": made,
        "lastModifiedTime": made,
        "speakerInfo": [_speaker(participant) for participant in held.participants],
    }


def _insights(held: Held) -> dict[str, list[dict[str, Any]]]:
    transcript = _transcript(held)
    whole = {"start": 0.0, "end": float(held.seconds)}
    steps = [_unit(line) for line in transcript if "finish" in line["text"] or "send" in line["text"]]
    return {
        "Transcript": transcript,
        "Summary": [{"value": summary(held), **whole}],
        "Highlights": [_unit(line) for line in transcript[1:2]],
        "NextSteps": steps,
        "BulletedSummary": [{"value": step["value"], "section": "Next steps"} for step in steps],
        "AIScore": [{"value": "7"}],
        "CallNotes": [{"value": f"{held.name}: two points left, both have somebody who does them."}],
        "Sentiment": [{"value": "Positive"}],
    }


def _transcript(held: Held) -> list[dict[str, Any]]:
    speakers = cycle([participant["id"] for participant in held.participants] or ["p-unknown"])
    step = min(UTTERANCE_SECONDS, held.seconds / len(LINES))
    return [
        {"speakerId": speaker, "text": line.format(topic=held.name), "start": n * step, "end": (n + 1) * step}
        for n, (speaker, line) in enumerate(zip(speakers, LINES, strict=False))
    ]


def _unit(line: dict[str, Any]) -> dict[str, Any]:
    return {"speakerId": line["speakerId"], "value": line["text"], "start": line["start"], "end": line["end"]}


def _speaker(participant: dict[str, str]) -> dict[str, str]:
    names = {"speakerId": "id", "name": "displayName", "accountId": "accountId"}
    names |= {"extensionId": "extensionId", "phoneNumber": "callerId"}
    return {name: participant[key] for name, key in names.items() if key in participant}
