"""/token and /revoke: codes and refresh tokens, each for its client, once, and no longer than the person's session."""

import anyio
import httpx
import pytest

from gate.flows import APP, BACK, ISSUER, LOOPBACK, OTHER, RESOURCE, VERIFIER, World, error, tokens, world
from ringcentral_meetings.gate.records import Client
from ringcentral_meetings.gate.tokens import digest, new

pytestmark = pytest.mark.anyio

SECRET = "the secret of a fixed client"
SECRETIVE = Client(
    "secretive", "fixed", "A server", "", (BACK,), auth_method="client_secret_basic", secret_digest=digest(SECRET)
)
INVALID = (400, "invalid_grant")


async def test_a_code_becomes_tokens_that_nobody_keeps() -> None:
    async with world() as here:
        answer = await here.exchange(await here.code())
        issued = tokens(answer)
        assert issued["token_type"] == "Bearer"
        assert issued["expires_in"] == 3_600
        assert issued["scope"] == "meetings.read meetings.write"
        assert answer.headers["cache-control"] == "no-store"
        assert await here.scopes_of(issued["access_token"]) == ("meetings.read", "meetings.write")
        assert (await here.refresh(issued["refresh_token"])).status_code == 200


async def test_the_redirect_uri_may_be_left_out_as_in_oauth_2_1() -> None:
    async with world() as here:
        assert (await here.exchange(await here.code(), redirect_uri=None)).status_code == 200


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"client_id": OTHER.id}, "invalid_grant"),
        ({"redirect_uri": LOOPBACK}, "invalid_grant"),
        ({"redirect_uri": BACK + "/"}, "invalid_grant"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_grant"),
        ({"code_verifier": "v" * 42}, "invalid_grant"),
        ({"code_verifier": "v" * 43 + "\u00e4"}, "invalid_grant"),
        ({"resource": "https://other.example/mcp"}, "invalid_target"),
        ({"resource": ISSUER}, "invalid_target"),
    ],
)
async def test_case_15_16_what_does_not_belong_to_a_code_is_refused_and_uses_nothing_up(
    changed: dict[str, str | None], expected: str
) -> None:
    async with world() as here:
        code = await here.code()
        assert error(await here.exchange(code, **changed)) == (400, expected)
        assert (await here.exchange(code)).status_code == 200


@pytest.mark.parametrize("resource", [RESOURCE, RESOURCE + "/", RESOURCE.replace("https://m", "HTTPS://M")])
async def test_case_10_the_spelling_of_our_address_is_not_held_against_a_client(resource: str) -> None:
    async with world() as here:
        issued = tokens(await here.exchange(await here.code(), resource=resource))
        assert (await here.refresh(issued["refresh_token"], resource=resource)).status_code == 200


async def test_case_14_a_code_that_is_used_twice_ends_what_it_began_and_the_session() -> None:
    async with world() as here:
        code = await here.code()
        issued = tokens(await here.exchange(code))
        assert error(await here.exchange(code)) == INVALID
        assert await here.scopes_of(issued["access_token"]) is None
        assert error(await here.refresh(issued["refresh_token"])) == INVALID
        assert len(here.upstream.revoked) == 1


async def test_case_14_a_code_in_parallel_is_worth_tokens_once_at_most() -> None:
    async with world() as here:
        code, answers = await here.code(), []

        async def exchange() -> None:
            answers.append(await here.exchange(code))

        async with anyio.create_task_group() as tasks:
            for _ in range(8):
                tasks.start_soon(exchange)
        issued = [answer.json() for answer in answers if answer.status_code == 200]
        assert len(issued) == 1
        assert [await here.scopes_of(one["access_token"]) for one in issued] == [None], "two had it: both lose it"


async def test_a_code_is_good_for_a_minute() -> None:
    async with world() as here:
        code = await here.code()
        here.advance(60)
        assert error(await here.exchange(code)) == INVALID


async def test_case_22_what_cannot_be_ours_costs_no_trip_to_the_store() -> None:
    async with world() as here:
        issued, code = await here.grant(), await here.code()
        trips = len(here.trips)
        wrong = [code[:-1], code[:-1] + ("0" if code[-1] != "0" else "1"), "rcm_ac_x", "x" * 4_000, "\u00e4", "%00"]
        for text in wrong:
            assert error(await here.exchange(text)) == INVALID
        for text in (issued["refresh_token"][:-1], issued["access_token"], code):
            assert error(await here.refresh(text)) == INVALID
        assert error(await here.exchange(issued["refresh_token"])) == INVALID
        assert len(here.trips) == trips


async def test_case_13_tokens_do_not_stand_for_each_other() -> None:
    async with world() as here:
        issued = await here.grant()
        assert error(await here.refresh(issued["access_token"])) == INVALID
        assert await here.scopes_of(issued["refresh_token"]) is None
        invented = new("rt", here.upstream.user(1))
        assert error(await here.refresh(invented)) == INVALID


async def test_case_12_a_token_in_the_query_is_not_read() -> None:
    async with world() as here:
        issued = await here.grant()
        query = {"grant_type": "refresh_token", "refresh_token": issued["refresh_token"], "client_id": APP.id}
        answer = await here.program().post("/token", params=query, data={})
        assert answer.status_code in {400, 415}
        assert (await here.program().get("/token", params=query)).status_code == 405


async def test_case_17_a_refresh_token_repeated_soon_gets_the_same_answer() -> None:
    async with world() as here:
        first = await here.grant()
        second = tokens(await here.refresh(first["refresh_token"]))
        here.advance(59)
        again = tokens(await here.refresh(first["refresh_token"]))
        assert again["refresh_token"] == second["refresh_token"]
        assert again["access_token"] == second["access_token"]
        assert again["expires_in"] == second["expires_in"] - 59
        assert (await here.refresh(second["refresh_token"])).status_code == 200


async def test_case_17_a_refresh_token_repeated_late_ends_the_grant_and_the_session() -> None:
    async with world() as here:
        first = await here.grant()
        second = tokens(await here.refresh(first["refresh_token"]))
        here.advance(61)
        assert error(await here.refresh(first["refresh_token"])) == INVALID
        assert error(await here.refresh(second["refresh_token"])) == INVALID
        assert await here.scopes_of(second["access_token"]) is None
        assert len(here.upstream.revoked) == 1


async def test_case_17_many_at_once_get_one_answer() -> None:
    async with world() as here:
        first, answers = await here.grant(), []

        async def refresh() -> None:
            answers.append(tokens(await here.refresh(first["refresh_token"])))

        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(refresh)
        assert len({(one["access_token"], one["refresh_token"]) for one in answers}) == 1
        assert (await here.refresh(answers[0]["refresh_token"])).status_code == 200


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"client_id": OTHER.id}, "invalid_grant"),
        ({"resource": "https://other.example/mcp"}, "invalid_target"),
        ({"scope": "meetings.read meetings.write"}, "invalid_scope"),
        ({"scope": "meetings.write"}, "invalid_scope"),
    ],
)
async def test_case_18_19_20_a_refused_refresh_changes_nothing(changed: dict[str, str], expected: str) -> None:
    async with world() as here:
        first = await here.grant(scope="meetings.read")
        trips = len(here.trips)
        assert error(await here.refresh(first["refresh_token"], **changed)) == (400, expected)
        assert "rotate" not in here.trips[trips:]
        here.advance(61)
        second = tokens(await here.refresh(first["refresh_token"], scope="meetings.read offline_access"))
        assert second["refresh_token"] != first["refresh_token"]
        assert second["scope"] == "meetings.read"


async def test_case_20_fewer_scopes_may_be_asked_for_and_the_answer_says_which_there_are() -> None:
    async with world() as here:
        first = await here.grant()
        second = tokens(await here.refresh(first["refresh_token"], scope="meetings.read"))
        assert tuple(second["scope"].split()) == await here.scopes_of(second["access_token"])


async def test_a_person_may_use_many_clients_on_many_machines_with_one_session() -> None:
    """Rows 8 and 53 of what people complain of: a new sign-in does not end the others."""
    async with world() as here:
        issued = [await here.grant() for _ in range(6)]
        for one in issued:
            assert (await here.refresh(one["refresh_token"])).status_code == 200
        assert await here.scopes_of(issued[0]["access_token"])


async def test_refreshing_never_asks_ringcentral_and_goes_on_for_days() -> None:
    """Rows 1 to 7 and 14: nobody signs in again every hour."""
    async with world() as here:
        issued = await here.grant()
        for _ in range(24 * 6):
            here.advance(3_600)
            issued = tokens(await here.refresh(issued["refresh_token"]))
        assert not here.upstream.revoked


async def test_a_refresh_token_lasts_as_long_as_the_session_at_most() -> None:
    async with world() as here:
        here.upstream.seconds = 1_000.0
        issued = await here.grant()
        assert issued["expires_in"] == 1_000
        here.advance(1_001)
        assert error(await here.refresh(issued["refresh_token"])) == INVALID


async def test_a_grant_ends_after_ninety_days_however_often_it_is_renewed() -> None:
    async with world() as here:
        here.upstream.seconds = 365 * 86_400.0
        issued = await here.grant()
        for _ in range(89):
            here.advance(86_400)
            issued = tokens(await here.refresh(issued["refresh_token"]))
        here.advance(86_399)
        last = tokens(await here.refresh(issued["refresh_token"]))
        assert last["expires_in"] == 1
        here.advance(1)
        assert error(await here.refresh(last["refresh_token"])) == INVALID


async def test_a_session_that_is_over_is_an_invalid_grant() -> None:
    async with world() as here:
        issued, code = await here.grant(), await here.code()
        await here.store.sessions.end(here.upstream.user(1))
        assert error(await here.refresh(issued["refresh_token"])) == INVALID
        assert error(await here.exchange(code)) == INVALID


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_case_21_revocation_ends_both_tokens_at_once_and_the_last_one_the_session(kind: str) -> None:
    async with world() as here:
        first, second = await here.grant(), await here.grant()
        for number, issued in enumerate((first, second)):
            answer = await here.program().post("/revoke", data={"token": issued[kind], "client_id": APP.id})
            assert answer.status_code == 200
            assert await here.scopes_of(issued["access_token"]) is None
            assert error(await here.refresh(issued["refresh_token"])) == INVALID
            assert len(here.upstream.revoked) == number
        assert await here.store.sessions.load(here.upstream.user(1)) is None


async def test_case_18_nobody_revokes_the_token_of_another_client() -> None:
    async with world() as here:
        issued = await here.grant()
        for kind in ("access_token", "refresh_token"):
            answer = await here.program().post("/revoke", data={"token": issued[kind], "client_id": OTHER.id})
            assert error(answer) == INVALID
        assert await here.scopes_of(issued["access_token"])


@pytest.mark.parametrize("token", ["x", "rcm_at_", "\u00e4" * 50])
async def test_an_unknown_token_counts_as_revoked(token: str) -> None:
    async with world() as here:
        answer = await here.program().post("/revoke", data={"token": token, "client_id": APP.id})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, (400, "invalid_request")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"grant_type": "client_credentials"}, (400, "unsupported_grant_type")),
        ({"grant_type": "authorization_code"}, (400, "invalid_request")),
        ({"grant_type": "refresh_token", "refresh_token": ""}, (400, "invalid_request")),
    ],
)
async def test_what_is_missing_is_an_invalid_request(form: dict[str, str], expected: tuple[int, str]) -> None:
    async with world() as here:
        assert error(await here.program().post("/token", data={"client_id": APP.id, **form})) == expected


@pytest.mark.parametrize("name", ["code", "client_id", "grant_type", "code_verifier", "redirect_uri"])
async def test_case_37_a_parameter_that_is_given_twice_is_an_invalid_request(name: str) -> None:
    async with world() as here:
        code = await here.code()
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, "redirect_uri": BACK}
        form["client_id"] = APP.id
        answer = await here.program().post("/token", data={**form, name: [form[name], form[name]]})
        assert error(answer) == (400, "invalid_request")
        both = {**form, "resource": [RESOURCE, "https://other.example/mcp"]}
        assert error(await here.program().post("/token", data=both)) == (400, "invalid_target")
        assert (await here.program().post("/token", data={**form, "resource": [RESOURCE] * 2})).status_code == 200


async def test_an_unknown_client_is_401_so_that_it_registers_again() -> None:
    async with world() as here:
        code = await here.code()
        for client_id in ("gone", None):
            status, code_of_error = error(await here.exchange(code, client_id=client_id))
            assert (status, code_of_error) == (401, "invalid_client") or client_id is None
        assert (await here.exchange(code)).status_code == 200


async def test_a_client_with_a_secret_has_to_show_it() -> None:
    async with world(fixed=(SECRETIVE,)) as here:
        code = await here.code(client_id=SECRETIVE.id)
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
        http = here.program()
        assert error(await http.post("/token", data=form, auth=(SECRETIVE.id, "wrong")))[0] == 401
        assert error(await http.post("/token", data=form | {"client_id": SECRETIVE.id}))[0] == 401
        assert (await http.post("/token", data=form, auth=(SECRETIVE.id, SECRET))).status_code == 200


async def test_case_37_two_authorization_headers_are_refused() -> None:
    async with world(fixed=(SECRETIVE,)) as here:
        code = await here.code(client_id=SECRETIVE.id)
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
        good = httpx.BasicAuth(SECRETIVE.id, SECRET)
        http = here.program()
        header = next(good.auth_flow(http.build_request("GET", "/"))).headers["authorization"]
        answer = await http.post("/token", data=form, headers=[("authorization", header), ("authorization", header)])
        assert error(answer) == (400, "invalid_request")
        assert (await http.post("/token", data=form, headers=[("authorization", header)])).status_code == 200


@pytest.mark.parametrize("step", ["open_call", "read_refresh", "rotate"])
async def test_case_49_a_store_that_does_not_answer_is_503_and_never_invalid_grant(step: str) -> None:
    async with world() as here:
        issued = await here.grant()
        here.lost.add(step)
        answer = await here.refresh(issued["refresh_token"])
        assert error(answer) == (503, "temporarily_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        here.lost.clear()
        assert (await here.refresh(issued["refresh_token"])).status_code == 200, "the client may try again"


async def test_case_49_a_code_whose_store_does_not_answer_is_503() -> None:
    async with world() as here:
        code = await here.code()
        here.lost.add("read_code")
        assert error(await here.exchange(code)) == (503, "temporarily_unavailable")
        here.lost.clear()
        assert (await here.exchange(code)).status_code == 200


async def test_case_44_who_knows_only_the_name_of_a_client_cannot_use_its_limit_up() -> None:
    async with world(client_limit=10) as here:
        issued = [await here.grant() for _ in range(3)]
        for number in range(40):
            invented = new("rt", here.upstream.user(1))
            http = here.program(f"203.0.113.{number}")
            assert error(await here.token({"grant_type": "refresh_token", "refresh_token": invented}, http)) == INVALID
        for one in issued:
            assert (await here.refresh(one["refresh_token"])).status_code == 200


async def test_case_44_one_person_cannot_use_up_the_limit_of_a_client() -> None:
    """Whoever may sign in can take a code of their own from the address bar, and come as any public client."""
    async with world(person_limit=5, client_limit=12) as here:
        issued, others = await here.grant(), await here.grant(2)
        statuses: list[int] = []
        for _ in range(20):
            answer = await here.refresh(issued["refresh_token"])
            statuses.append(answer.status_code)
            issued = answer.json() if answer.is_success else issued
        assert statuses == [200] * 4 + [429] * 16
        for _ in range(4):
            others = tokens(await here.refresh(others["refresh_token"]))


async def test_a_client_in_a_loop_has_to_wait_and_loses_nothing() -> None:
    async with world(client_limit=5) as here:
        issued = await here.grant()
        for _ in range(4):
            issued = tokens(await here.refresh(issued["refresh_token"]))
        answer = await here.refresh(issued["refresh_token"])
        assert error(answer) == (429, "too_many_requests")
        here.advance(int(answer.headers["retry-after"]))
        assert (await here.refresh(issued["refresh_token"])).status_code == 200


@pytest.mark.parametrize("origin", ["http://localhost:6274", "http://127.0.0.1:1", "https://inspector.example"])
@pytest.mark.parametrize("path", ["/token", "/revoke", "/register"])
async def test_a_client_in_a_browser_may_come_from_loopback_and_the_origins_that_are_allowed(
    path: str, origin: str
) -> None:
    async with world(allowed_origins=("https://inspector.example",)) as here:
        http = here.program()
        asked = {"origin": origin, "access-control-request-method": "POST"}
        asked["access-control-request-headers"] = "authorization, content-type"
        preflight = await http.options(path, headers=asked)
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-origin"] == origin
        answer = await http.post(path, headers={"origin": origin}, data={})
        assert answer.headers["access-control-allow-origin"] == origin
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost.evil.example", "null"])
async def test_no_other_page_may_read_an_answer(origin: str) -> None:
    async with world() as here:
        answer = await here.program().post("/token", headers={"origin": origin}, data={})
        assert "access-control-allow-origin" not in answer.headers


async def uses_of(here: World) -> int:
    return len(here.steps)


async def test_case_43_registrations_leave_nothing_behind() -> None:
    async with world() as here:
        http = here.program()
        metadata = {"redirect_uris": ["http://127.0.0.1/callback"], "client_name": "A program"}
        first = await http.post("/register", json=metadata)
        assert first.status_code == 201
        before = await uses_of(here)
        for _ in range(30):
            assert (await http.post("/register", json=metadata)).status_code == 201
        assert await uses_of(here) == before == 1
        registered = first.json()["client_id"]
        code = await here.code(client_id=registered, redirect_uri="http://127.0.0.1:5555/callback")
        answer = await here.exchange(code, client_id=registered, redirect_uri="http://127.0.0.1:5555/callback")
        assert answer.status_code == 200


async def test_registration_may_be_off_and_takes_json_alone() -> None:
    async with world(registration=False) as closed, world(address_limit=5) as here:
        assert (await closed.program().post("/register", json={})).status_code == 404
        http = here.program()
        assert error(await http.post("/register", data={"redirect_uris": "x"}))[0] == 415
        assert error(await http.post("/register", json={"redirect_uris": ["javascript:alert(1)"]}))[0] == 400
        long = await http.post("/register", json={"client_name": "x" * 20_000})
        assert error(long)[0] in {400, 413}
        statuses = {(await http.post("/register", json={})).status_code for _ in range(8)}
        assert statuses == {400, 429}
