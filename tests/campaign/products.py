"""Both products as campaigns have them: what people do with each, and how its answers are held against its state."""

from functools import partial

from campaign import by_list, by_pin, meetings, operations, room_operations, rooms, together
from campaign.creations import create, create_at_once, create_through_a_restart
from campaign.people import Operation, Product
from campaign.possibilities import INSTANT

FOR_BOTH: dict[Operation, int] = {
    operations.read: 3,
    operations.update: 5,
    operations.delete: 3,
    operations.err: 2,
    together.update_at_once: 2,
    together.update_apart: 2,
    together.update_by_many: 2,
    together.update_while_deleted: 2,
    together.delete_twice: 2,
}
"""What people do with a meeting of either product, each with its weight."""

MEETINGS = Product(
    operations=FOR_BOTH
    | {
        partial(create, kind=meetings.SINGLE): 3,
        partial(create, kind=meetings.SERIES): 3,
        partial(create, kind=meetings.UNTIMED): 1,
        partial(create, kind=INSTANT): 1,
        partial(create_at_once, kinds=(meetings.SINGLE, meetings.SERIES, meetings.UNTIMED)): 2,
        partial(create_through_a_restart, kinds=(meetings.SINGLE, meetings.SERIES, meetings.UNTIMED)): 2,
        operations.begin_running: 2,
        operations.search: 1,
        operations.delete_date: 4,
        operations.end: 2,
        together.delete_dates_at_once: 2,
        together.end_twice: 2,
    },
    wish=meetings.wish,
    kept=meetings.KEPT,
    evidence=by_list.ByList(),
    stored=meetings.stored,
    shown=meetings.shown_facts,
    some_value=meetings.some_value,
    as_argument=meetings.as_argument,
    path=meetings.PATH,
    change="PUT",
    understood=meetings.understood,
    absent=meetings.absent,
    own_write_faults="POST /end$ drop_after p=0.05; POST /end$ drop_before p=0.05; POST /end$ status=500 lands p=0.03",
    own_read_faults="* {path} permission_withdrawn p=0.005",
)

ROOMS = Product(
    operations=FOR_BOTH
    | {
        partial(create, kind=rooms.SCHEDULED): 3,
        partial(create, kind=rooms.STANDING): 3,
        partial(create, kind=INSTANT): 2,
        partial(create_at_once, kinds=(rooms.SCHEDULED, rooms.STANDING)): 3,
        partial(create_through_a_restart, kinds=(rooms.SCHEDULED, rooms.STANDING)): 2,
        room_operations.create_personal: 1,
        room_operations.contradict: 2,
        room_operations.ask_for_what_is_not: 1,
    },
    wish=rooms.wish,
    kept=rooms.KEPT,
    evidence=by_pin.ByPin(),
    stored=rooms.stored,
    shown=rooms.shown_facts,
    some_value=rooms.some_value,
    as_argument=rooms.as_argument,
    path=rooms.PATH,
    change="PATCH",
    understood=rooms.understood,
    absent=rooms.absent,
    own_write_faults="DELETE {path}/ status=404 p=0.02",
    own_read_faults="""
        GET /bridges/pin status=500 p=0.15; GET /video-configuration status=500 p=0.3;
        GET /video-configuration malformed p=0.1
    """,
    provider="RCVideo",
    whole=False,
)
