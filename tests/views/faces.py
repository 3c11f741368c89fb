"""The faces of the view, each as a person comes to see it."""

from collections.abc import Awaitable, Callable

from .hosting import Host

Face = Callable[[Host], Awaitable[None]]


async def opened(host: Host) -> None:
    await host.show("list_meetings")
    await host.view.locator("button.row").nth(2).click()
    await host.view.locator(".card").wait_for()


async def week(host: Host) -> None:
    await host.show("list_meetings", window_start="2026-11-23", window_end="2026-11-29")
    await host.view.get_by_role("button", name="Week", exact=True).click()


async def chosen(host: Host) -> None:
    await host.show("find_meeting_times", duration_minutes=30)
    await host.view.locator("button.slot").first.click()


async def agenda(host: Host) -> None:
    await host.show("list_meetings")
    await host.view.locator("button.row").first.wait_for()


async def refused(host: Host) -> None:
    await host.show("get_meeting", meeting_id="999")
    await host.view.get_by_role("alert").wait_for()


FACES: list[Face] = [agenda, week, chosen, opened, refused]
