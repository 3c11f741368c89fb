"""Errors between this server and RingCentral: no connection, no answer, no time, an unknown outcome."""

from ringcentral_meetings.errors.codes import Code, Refused, Unanswered, Upstream, quoted


def unreachable(host: str, reason: str) -> Refused:
    return Refused(
        "upstream_unavailable",
        f"{quoted(host)} cannot be reached ({reason}); the request was not sent.",
        "Check the network, RINGCENTRAL_SERVER_URL and RINGCENTRAL_PROXY, then call again.",
        retryable=True,
    )


def no_answer(reason: str) -> Unanswered:
    code: Code = "timed_out" if reason == "timeout" else "upstream_unavailable"
    return Unanswered(code, f"RingCentral did not answer ({reason}).", "Try again in a minute.", retryable=True)


def unreadable_answer(upstream: Upstream, why: str) -> Unanswered:
    return Unanswered(
        "upstream_unavailable",
        f"RingCentral's answer (status {upstream.http_status}) could not be read: {why}.",
        "Try again in a minute; if the error persists, check RINGCENTRAL_SERVER_URL.",
        retryable=True,
        upstream=upstream,
    )


def timed_out(seconds: float) -> Unanswered:
    return Unanswered(
        "timed_out",
        f"The call did not finish within {seconds:g} s.",
        "Call again, with a smaller window or limit if the tool has one.",
        retryable=True,
    )


def out_of_time(what: str) -> Refused:
    return Refused(
        "timed_out",
        f"{what} was not started: too little of the call's time was left to see its outcome. Nothing was changed.",
        "Call again.",
        retryable=True,
    )


def outcome_unknown(what: str, check_with: str, upstream: Upstream | None = None) -> Unanswered:
    return Unanswered(
        "outcome_unknown",
        f"{what} was sent, and the answer was lost: it may have happened, or may still happen.",
        f"Do not repeat it blindly: check first with {check_with}.",
        upstream=upstream,
    )


def not_carried_out(what: str, upstream: Upstream | None = None) -> Refused:
    return Refused(
        "upstream_unavailable",
        f"{what} did not happen: RingCentral answered that the meeting does not exist, and it is still there.",
        "Call again.",
        retryable=True,
        upstream=upstream,
    )


def internal_error(tool: str) -> Refused:
    return Refused(
        "internal_error",
        f"{tool} failed because of a fault in this server.",
        "The arguments are not the cause. The server's log on stderr has the details.",
    )
