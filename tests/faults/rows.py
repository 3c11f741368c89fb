"""What can strike a request, and what shall come of it."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Row:
    """A fault and what shall come of it.

    `fault` strikes the tool's own request, `afterwards` every read that follows it. `code` is None for success.
    `sends` counts the tool's own requests, `looks` the reads after it, of which `AGAIN_AND_AGAIN` is any number that
    fills what is left of the call, `waits` the seconds waited for a rate
    limit and told as progress; an update reads the meeting anew after each.
    """

    name: str
    fault: str
    code: str | None
    retryable: bool = False
    sends: int = 1
    sign_ins: int = 1
    waits: float | None = None
    retry_after: int | None = None
    looks: int = 0
    afterwards: str | None = None
    happened: bool | None = None

    @property
    def done(self) -> bool:
        """Whether a write has had its effect: as success says, but where the table says otherwise."""
        return self.code is None if self.happened is None else self.happened


AGAIN_AND_AGAIN = -1
WITHOUT_PERMISSION, WITHOUT_CODE = "403 for want of a permission", "403 that names no code"
UNAVAILABLE, UNKNOWN = "upstream_unavailable", "outcome_unknown"

BEFORE_ANYTHING_IS_DONE = [
    Row("the token has expired", "token_expired x1", None, sends=2, sign_ins=2),
    Row("the token was revoked", "token_revoked x1", None, sends=2, sign_ins=2),
    Row("every token is revoked at once", "token_revoked", "session_expired", sends=2, sign_ins=2),
    Row("401 whatever the token", "status=401 code=OAU-129", "session_expired", sends=2, sign_ins=2),
    Row("403 for want of an app scope", "status=403 code=CMN-401", "app_permission_missing"),
    Row(WITHOUT_PERMISSION, "permission_withdrawn={permission}", "user_permission_missing"),
    Row(WITHOUT_CODE, "html=403", "user_permission_missing"),
    Row("the feature is not there", "status=404 code=CMN-120", "feature_unavailable"),
    Row("429 with a wait that fits", "rate_limit=5 x1", None, sends=2, waits=5),
    Row("429 with a wait that does not fit", "rate_limit=300", "rate_limited", True, retry_after=300),
    Row("429 that names no wait", "rate_limit=none x1", None, sends=2, waits=30),
    Row("429 again and again", "rate_limit=5", "rate_limited", True, sends=3, waits=5, retry_after=5),
    Row("a redirect to another host", "redirect", UNAVAILABLE),
]

OF_READS = [
    Row("400 of a value", "status=400 code=CMN-101", "invalid_arguments"),
    Row("404", "status=404 code=CMN-102", "not_found"),
    Row("500", "status=500", UNAVAILABLE, True),
    Row("502 once", "status=502 x1", None, sends=2),
    Row("502 each time", "status=502", UNAVAILABLE, True, sends=3),
    Row("503 once", "status=503 x1", None, sends=2),
    Row("503 each time", "status=503", UNAVAILABLE, True, sends=3),
    Row("503 with a wait that fits", "status=503 retry_after=5 x1", None, sends=2),
    Row("503 with a wait that does not fit", "status=503 retry_after=300", UNAVAILABLE, True, retry_after=300),
    Row("504 once", "status=504 x1", None, sends=2),
    Row("504 each time", "status=504", UNAVAILABLE, True, sends=3),
    Row("an HTML page as 502", "html=502", UNAVAILABLE, True, sends=3),
    Row("an HTML page as 200", "html=200", UNAVAILABLE, True),
    Row("an empty body", "empty", UNAVAILABLE, True),
    Row("malformed JSON", "malformed", UNAVAILABLE, True),
    Row("JSON under a wrong content type", "content_type=text/plain", None),
    Row("a truncated body once", "truncated x1", None, sends=2),
    Row("a truncated body each time", "truncated", UNAVAILABLE, True, sends=3),
    Row("a timeout once", "latency=60 x1", None, sends=2),
    Row("a timeout each time", "latency=60", "timed_out", True, sends=3),
    Row("a slow answer in time", "latency=20", None),
    Row("a refused connection once", "refused x1", None, sends=2),
    Row("a refused connection each time", "refused", UNAVAILABLE, True, sends=3),
    Row("a connection dropped before once", "drop_before x1", None, sends=2),
    Row("a connection dropped before each time", "drop_before", UNAVAILABLE, True, sends=3),
    Row("a connection dropped after once", "drop_after x1", None, sends=2),
    Row("a connection dropped after each time", "drop_after=read", UNAVAILABLE, True, sends=3),
]

# A write is sent once. Where its answer is lost it is looked for until it shows, and what does not show is unknown.
OF_WRITES = [
    Row("500 and nothing done", "status=500", UNKNOWN, looks=AGAIN_AND_AGAIN),
    Row("500 and done all the same", "status=500 lands", None, looks=1),
    Row("502 and nothing done", "status=502", UNKNOWN, looks=AGAIN_AND_AGAIN),
    Row("502 and done all the same", "status=502 lands", None, looks=1),
    Row("503 and nothing done", "status=503", UNKNOWN, looks=AGAIN_AND_AGAIN),
    Row("503 with a wait", "status=503 retry_after=5", UNKNOWN, looks=AGAIN_AND_AGAIN),
    Row("503 and done all the same", "status=503 lands", None, looks=1),
    Row("504 and nothing seen of it", "status=504", UNKNOWN, looks=AGAIN_AND_AGAIN),
    Row("504 and done all the same", "status=504 lands", None, looks=1),
    Row("an HTML page as 502", "html=502", UNKNOWN, looks=AGAIN_AND_AGAIN),
    Row("an HTML page as 502 and done all the same", "html=502 lands", None, looks=1),
    Row("JSON under a wrong content type", "content_type=text/plain", None),
    Row("a timeout and done all the same", "latency=60", None, looks=1),
    Row("a timeout and nothing seen of it", "drop_before=timeout", UNKNOWN, looks=AGAIN_AND_AGAIN),
    Row("a slow answer in time", "latency=20", None),
    Row("a refused connection", "refused", UNAVAILABLE, True),
    Row("a connection dropped before", "drop_before", UNKNOWN, looks=AGAIN_AND_AGAIN),
    Row("a connection dropped after", "drop_after", None, looks=1),
    Row("a connection dropped while read", "drop_after=read", None, looks=1),
    Row("dropped after, and one look fails", "drop_after", None, looks=2, afterwards="status=502 x1"),
    Row(
        "dropped after, and no look succeeds",
        "drop_after",
        UNKNOWN,
        looks=AGAIN_AND_AGAIN,
        afterwards="status=500",
        happened=True,
    ),
    Row("dropped before, and no look succeeds", "drop_before", UNKNOWN, looks=AGAIN_AND_AGAIN, afterwards="refused"),
    Row("500, and no look succeeds", "status=500", UNKNOWN, looks=AGAIN_AND_AGAIN, afterwards="drop_before"),
    Row(
        "a timeout, and no look in time",
        "latency=60",
        UNKNOWN,
        looks=AGAIN_AND_AGAIN,
        afterwards="latency=60",
        happened=True,
    ),
    Row("500, and every look is limited", "status=500", UNKNOWN, looks=1, afterwards="rate_limit=300"),
]

# DELETE and end answer without a body, so that what spoils bodies cannot spoil theirs; what 404 means to them
# is in test_writes.
WITH_A_BODY = [
    Row("400 of a value", "status=400 code=CMN-101", "invalid_arguments"),
    Row("an HTML page as 200", "html=200", UNKNOWN, looks=AGAIN_AND_AGAIN),
    Row("an HTML page as 200 and done all the same", "html=200 lands", None, looks=1),
    Row("an empty body", "empty", None, looks=1),
    Row("malformed JSON", "malformed", None, looks=1),
    Row("a truncated body", "truncated", None, looks=1),
    Row("404", "status=404 code=CMN-102", "not_found"),
]
OF_ONE = {
    "create_meeting": WITH_A_BODY,
    "update_meeting": WITH_A_BODY,
    "delete_meeting": [Row("400 of a value", "status=400 code=CMN-101", "invalid_arguments")],
    "end_meeting": [Row("400 though it runs", "status=400 code=CMN-101", "invalid_arguments", looks=1)],
}

# A chosen PIN may be what RingCentral Video refuses without saying so: a creation is then made anew without one.
OF_ROOMS = {
    "create_meeting": [
        replace(row, sends=2) if row.name == "400 of a value" else row for row in WITH_A_BODY if row.name != "404"
    ],
    "update_meeting": WITH_A_BODY,
    "delete_meeting": OF_ONE["delete_meeting"],
}
