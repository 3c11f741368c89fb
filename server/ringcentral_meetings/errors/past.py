"""Errors about past meetings, their recordings and transcripts."""

from ringcentral_meetings.errors.codes import Refused, Upstream, quoted


def past_meeting_not_found(past_meeting_id: str, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "not_found",
        f'past_meeting_id "{quoted(past_meeting_id)}" was not found: it is invalid, has expired, or the signed-in '
        "user neither hosted nor joined that meeting.",
        "list_past_meetings gives past_meeting_id; a meeting_id does not work here.",
        upstream=upstream,
    )


def past_meeting_rejected(past_meeting_id: str, upstream: Upstream | None) -> Refused:
    return Refused(
        "invalid_arguments",
        f'past_meeting_id: RingCentral does not accept "{quoted(past_meeting_id)}" as an id.',
        "Give past_meeting_id as list_past_meetings returned it.",
        upstream=upstream,
    )


def recordings_unavailable(upstream: Upstream | None) -> Refused:
    return Refused(
        "feature_unavailable",
        "RingCentral does not offer meeting recordings to this user: the extension or the account lacks the feature.",
        "Ask the account's administrator for cloud recording; without it this product keeps no past meetings.",
        upstream=upstream,
    )


def not_transcribed(upstream: Upstream | None) -> Refused:
    return Refused(
        "not_found",
        "RingSense has no transcript of this meeting: its recording is not processed yet, or was not transcribed.",
        "If it ended within the last hour, try again later.",
        upstream=upstream,
    )


def transcript_is_a_file(product: str) -> Refused:
    return Refused(
        "not_supported_by_product",
        f"{product} does not provide transcripts.",
        "If it was transcribed, the recording of kind text/vtt is the transcript file: give the person its link.",
    )
