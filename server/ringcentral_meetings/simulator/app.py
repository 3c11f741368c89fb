"""The routes: each request counted against its plan group, authorized, answered."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ringcentral_meetings.simulator import conferencing
from ringcentral_meetings.simulator.calls import Call, Operation
from ringcentral_meetings.simulator.meetings import operations as meetings
from ringcentral_meetings.simulator.meetings import recordings as meeting_recordings
from ringcentral_meetings.simulator.meetings import service
from ringcentral_meetings.simulator.oauth import consent, endpoints
from ringcentral_meetings.simulator.people import ACCOUNT_ID, PEOPLE, may_act_for
from ringcentral_meetings.simulator.replies import ApiError, Reply, feature_unavailable, missing
from ringcentral_meetings.simulator.video import bridges as video
from ringcentral_meetings.simulator.video import history as video_history
from ringcentral_meetings.simulator.video import insights as video_insights

if TYPE_CHECKING:
    from ringcentral_meetings.simulator.simulator import Simulator

PERMISSION_TEXT = "In order to call this API endpoint, {who} needs to have [{name}] permission{rest}."

OAuthHandler = Callable[["Simulator", Mapping[str, str], bytes], Reply]


def build_app(simulator: "Simulator") -> Starlette:
    """Return the application without faults, call recording and request ids; those are the gateway's."""
    products = (service, conferencing, meetings, meeting_recordings, video, video_history, video_insights)
    routes = [_route(simulator, operation) for product in products for operation in product.operations()]
    routes += [
        _oauth_route(simulator, "/restapi/oauth/token", endpoints.token),
        _oauth_route(simulator, "/restapi/oauth/revoke", endpoints.revoke),
        _consent_route(simulator),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _unrouted})


def _route(simulator: "Simulator", operation: Operation) -> Route:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        return _limited(simulator, operation, lambda: _authorized(simulator, operation, request, body))

    return Route(operation.path, endpoint, methods=[operation.method])


def _oauth_route(simulator: "Simulator", path: str, handler: OAuthHandler) -> Route:
    operation = Operation("POST", path, "auth", None, None, lambda _simulator, _call: Reply(200))

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        return _limited(simulator, operation, lambda: handler(simulator, request.headers, body))

    return Route(path, endpoint, methods=["POST"])


def _consent_route(simulator: "Simulator") -> Route:
    async def endpoint(request: Request) -> Response:
        body = (await request.body()).decode("utf-8", "replace")
        given = body if request.method == "POST" else request.url.query
        reply = consent.authorize(simulator, request.method, dict(parse_qsl(given, keep_blank_values=True)))
        return Response(reply.body, reply.status, reply.headers)

    return Route("/restapi/oauth/authorize", endpoint, methods=["GET", "POST"])


def _limited(simulator: "Simulator", operation: Operation, answer: Callable[[], Reply]) -> Response:
    headers: dict[str, str] = {}
    try:
        headers = simulator.limiter.take(operation.group)
        reply = answer()
    except ApiError as error:
        reply = error.reply()
    return Response(reply.body, reply.status, {**headers, **reply.headers})


def _authorized(simulator: "Simulator", operation: Operation, request: Request, body: bytes) -> Reply:
    session = endpoints.check_bearer(simulator, request.headers.get("authorization"))
    _check_offered(simulator, operation)
    _check_rights(simulator, operation)
    path = {name: unquote(value) for name, value in request.path_params.items()}
    if path.get("account_id", "~") not in ("~", ACCOUNT_ID):
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
    return operation.handler(simulator, call)


def _check_offered(simulator: "Simulator", operation: Operation) -> None:
    if simulator.switches.withdrawn and operation.scope == "Meetings":
        raise _no_such_uri()
    if operation.method == "PATCH" and operation.scope == "Meetings" and not simulator.switches.patch_supported:
        raise _no_such_method()


def _check_rights(simulator: "Simulator", operation: Operation) -> None:
    scope, permission = operation.scope, operation.permission
    if scope is not None and scope not in simulator.scopes:
        text = PERMISSION_TEXT.format(who="application", name=scope, rest="")
        raise ApiError(403, "CMN-401", text, permissionName=scope)
    if (scope == "Meetings" and "Meetings" not in simulator.features) or not simulator.answers_for(scope):
        raise feature_unavailable()
    if permission is not None and not simulator.holds(permission):
        raise permission_required(permission)


def permission_required(permission: str) -> ApiError:
    """Return 403 CMN-408 for a user permission that is not held."""
    rest = " for requested resource"
    text = PERMISSION_TEXT.format(who="user", name=permission, rest=rest)
    return ApiError(403, "CMN-408", text, permissionName=permission)


def _extension(user: str, named: str) -> str:
    identifier = user if named == "~" else named
    if identifier not in PEOPLE:
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
