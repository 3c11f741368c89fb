"""The routes: each request is counted against its plan group, authorized and answered."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ringcentral_meetings.simulator import account, conferencing
from ringcentral_meetings.simulator.calendars import cloud, feeds
from ringcentral_meetings.simulator.calls import Call, Operation
from ringcentral_meetings.simulator.limits import Group
from ringcentral_meetings.simulator.meetings import operations as meetings
from ringcentral_meetings.simulator.meetings import recordings as meeting_recordings
from ringcentral_meetings.simulator.meetings import service
from ringcentral_meetings.simulator.oauth import consent, endpoints, sessions
from ringcentral_meetings.simulator.people import PEOPLE, Person, may_act_for, same_account
from ringcentral_meetings.simulator.replies import ApiError, Reply, feature_unavailable, missing
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.video import bridges as video
from ringcentral_meetings.simulator.video import history as video_history
from ringcentral_meetings.simulator.video import insights as video_insights

PERMISSION_TEXT = "In order to call this API endpoint, {who} needs to have [{name}] permission{rest}."

FEEDS = (
    "/calendar/ical/{whose}/{secret}/basic.ics",
    "/owa/calendar/{whose}/{secret}/calendar.ics",
    "/published/2/{secret}",
)

OAuthHandler = Callable[[State, Mapping[str, str], bytes], Reply]


def build_app(state: State) -> Starlette:
    """Return the application; faults, the call record and request ids are the gateway's."""
    products = (account, conferencing, service, meetings, meeting_recordings, video, video_history, video_insights)
    routes = [_route(state, operation) for part in (*products, cloud) for operation in part.operations()]
    routes += [
        _oauth_route(state, "/restapi/oauth/token", endpoints.token),
        _oauth_route(state, "/restapi/oauth/revoke", endpoints.revoke),
        _consent_route(state),
        *(_feed_route(state, path) for path in (*feeds.PAGES, *FEEDS)),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _unrouted})


def _route(state: State, operation: Operation) -> Route:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        user = sessions.user_of(state, request.headers.get("authorization", ""))
        return _limited(state, operation.group, user, lambda: _authorized(state, operation, request, body))

    return Route(operation.path, endpoint, methods=[operation.method])


def _oauth_route(state: State, path: str, handler: OAuthHandler) -> Route:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        user = endpoints.user_of(state, body)
        return _limited(state, "auth", user, lambda: handler(state, request.headers, body))

    return Route(path, endpoint, methods=["POST"])


def _consent_route(state: State) -> Route:
    async def endpoint(request: Request) -> Response:
        body = (await request.body()).decode("utf-8", "replace")
        given = body if request.method == "POST" else request.url.query
        reply = consent.authorize(state, request.method, dict(parse_qsl(given, keep_blank_values=True)))
        return Response(reply.body, reply.status, reply.headers)

    return Route("/restapi/oauth/authorize", endpoint, methods=["GET", "POST"])


def _feed_route(state: State, path: str) -> Route:
    async def endpoint(request: Request) -> Response:
        reply = feeds.answer(state, request.url.path, request.headers)
        return Response(reply.body, reply.status, reply.headers)

    return Route(path, endpoint, methods=["GET"])


def _limited(state: State, group: Group, user: Person, answer: Callable[[], Reply]) -> Response:
    headers: dict[str, str] = {}
    try:
        headers = state.limiter.take(group, user)
        reply = answer()
    except ApiError as error:
        reply = error.reply()
    return Response(reply.body, reply.status, {**headers, **reply.headers})


def _authorized(state: State, operation: Operation, request: Request, body: bytes) -> Reply:
    session = sessions.check_bearer(state, request.headers.get("authorization"))
    _check_offered(state, operation)
    _check_rights(state, operation)
    path = {name: unquote(value) for name, value in request.path_params.items()}
    if path.get("account_id", "~") not in ("~", PEOPLE[session.user].account):
        raise missing("accountId")
    call = Call(
        base=f"{request.url.scheme}://{request.url.netloc}",
        path=path,
        query=dict(request.query_params),
        headers=request.headers,
        body=body,
        user=session.user,
        extension=_extension(session.user, path.get("extension_id", "~")),
    )
    return operation.handler(state, call)


def _check_offered(state: State, operation: Operation) -> None:
    if state.switches.withdrawn and operation.scope == "Meetings":
        raise _no_such_uri()
    if operation.method == "PATCH" and operation.scope == "Meetings" and not state.switches.patch_supported:
        raise _no_such_method()


def _check_rights(state: State, operation: Operation) -> None:
    scope, permission = operation.scope, operation.permission
    if scope is not None and scope not in state.scopes:
        text = PERMISSION_TEXT.format(who="application", name=scope, rest="")
        raise ApiError(403, "CMN-401", text, permissionName=scope)
    if (scope == "Meetings" and "Meetings" not in state.features) or not state.answers_for(scope):
        raise feature_unavailable()
    if permission is not None and not state.holds(permission):
        raise permission_required(permission)


def permission_required(permission: str) -> ApiError:
    """Return 403 CMN-408 for a user permission that the user does not have."""
    rest = " for requested resource"
    text = PERMISSION_TEXT.format(who="user", name=permission, rest=rest)
    return ApiError(403, "CMN-408", text, permissionName=permission)


def _extension(user: str, named: str) -> str:
    identifier = user if named == "~" else named
    if not same_account(user, identifier):
        raise missing("extensionId")
    if not may_act_for(user, identifier):
        message = "Access to another extension is not allowed"
        raise ApiError(403, "CMN-404", message, parameterName="extensionId")
    return identifier


def _no_such_uri() -> ApiError:
    return ApiError(404, "CMN-120", "Invalid URI")


def _no_such_method() -> ApiError:
    return ApiError(405, "CMN-202", "Unsupported operation")


async def _unrouted(_request: Request, error: Exception) -> Response:
    known = isinstance(error, HTTPException) and error.status_code == 405
    reply = (_no_such_method() if known else _no_such_uri()).reply()
    return Response(reply.body, reply.status, reply.headers)
