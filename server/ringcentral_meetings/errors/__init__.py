"""Every error that a model reads: its code and its text.

    MeetingsError
    ├── Refused       nothing was done: our own check or RingCentral refused it
    └── Unanswered    a request was sent, and its answer does not show the outcome

No message is worded outside this package. A message says what failed and why, with the known values; `next_step`
says what to do, naming the tool, argument or setting.
"""

from ringcentral_meetings.errors.access import (
    Way,
    authorize_refused,
    consent_refused,
    foreign_redirect,
    hosted_session_ended,
    invalid_settings,
    keyring_closed,
    keyring_unusable,
    login_command,
    no_login_in_memory,
    nobody_signed_in,
    not_signed_in,
    session_ended,
    session_expired,
    sign_in_refused,
    token_store_unusable,
)
from ringcentral_meetings.errors.answers import (
    no_api,
    permission_missing,
    rate_limited,
    refusal,
    scope_missing,
)
from ringcentral_meetings.errors.arguments import (
    EXPLAINED,
    NO_YEARLY_SERIES,
    cleared_and_given,
    contradiction,
    frequency_needed,
    invalid_argument,
    invalid_arguments,
    invalid_page_token,
    invalid_path_value,
    invalid_request,
    missing_with,
    no_calendar_file,
    not_initialized,
    not_the_uid,
    nothing_repeats,
    nothing_to_change,
    nothing_to_replace,
    own_time,
    prompt_arguments,
    read_only,
    scope_not_granted,
    series_under_way,
    start_needed,
    unknown_arguments,
    unknown_country,
    unknown_prompt,
    unknown_resource,
    unknown_tool,
    zone_needed,
    zone_not_offered,
)
from ringcentral_meetings.errors.calendars import (
    calendar_entries_unreadable,
    calendar_gap,
    calendar_hides_links,
    calendar_problem,
    invited_elsewhere,
    list_incomplete,
    more_times_differ,
    times_differ,
)
from ringcentral_meetings.errors.codes import (
    MAX_ECHO_CHARS,
    MAX_ERROR_CHARS,
    MAX_FIELDS,
    Code,
    FieldProblem,
    MeetingsError,
    Refused,
    Unanswered,
    Upstream,
    as_json,
    in_words,
    next_step_for_a_person,
    quoted,
)
from ringcentral_meetings.errors.links import (
    broken_link,
    foreign_link,
    link_of_other_product,
    link_to_page,
    no_room_named,
    not_an_id,
    several_links,
    shared_number,
    unknown_link_host,
    zoom_number_unknown,
)
from ringcentral_meetings.errors.network import (
    no_certificates,
    proxy_refused,
    store_down,
    taken,
    untrusted_certificate,
)
from ringcentral_meetings.errors.outcomes import (
    internal_error,
    no_answer,
    not_carried_out,
    out_of_time,
    outcome_unknown,
    timed_out,
    unreachable,
    unreadable_answer,
)
from ringcentral_meetings.errors.past import (
    not_transcribed,
    past_meeting_not_found,
    past_meeting_rejected,
    recordings_unavailable,
    transcript_is_a_file,
)
from ringcentral_meetings.errors.products import (
    creation_unsettled,
    early_joining_closed,
    encryption_incomplete,
    no_api_of_product,
    not_supported,
    on_other_product,
    personal_room_stays,
    product_unknown,
    room_conflict,
    room_not_found,
    room_of_others,
    waiting_room_contradiction,
)
from ringcentral_meetings.errors.targets import (
    confirmation_impossible,
    conflict,
    conflict_unknown,
    declined,
    delegation_missing,
    host_not_found,
    meeting_not_found,
    no_start_to_match,
    not_a_series,
    occurrence_not_found,
    room_of_several_dates,
    scope_required,
    target_mismatch,
)
