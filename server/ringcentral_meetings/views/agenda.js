// The agenda: meetings by day, or a week as seven columns.

const ROWS_INLINE = 8;
const WEEK_FROM_PX = 640;

const agendaFace = (result) => {
  const clock = clockFor(result.time_zone);
  const timed = result.meetings.filter((meeting) => meeting.start);
  const overlapping = overlaps(timed);
  const body = app.asWeek && app.wide() ? weekGrid(result, timed, clock, overlapping) : dayList(result, clock, overlapping);
  return [
    notices(result),
    toolbar(result, clock),
    result.meetings.length ? body : empty(result),
    pager(result),
  ];
};

const toolbar = (result, clock) =>
  el("header", { class: "toolbar" },
    el("p", { class: "window" },
      `${shortDay(dateOf(result.window_start))} – ${shortDay(lastDay(result.window_end))}`,
      el("span", { class: "zone" }, clock.zone),
      zoneSwitch(result.time_zone, result.meetings.map((meeting) => meeting.start).filter(Boolean))),
    el("div", { class: "actions" }, app.can("serverTools") && weekButtons(result), layoutButtons()));

// A window that ends at midnight does not reach into the day that begins then.
const lastDay = (end) => (end.slice(11, 16) === "00:00" ? addDays(dateOf(end), -1) : dateOf(end));

const weekButtons = (result) => {
  const first = startOfWeek(dateOf(result.window_start));
  const show = (days) => (event) => {
    const from = addDays(first, days);
    app.busy(event.target, () => app.show("list_meetings", {
      ...listArguments(), limit: 100, window_start: from, window_end: addDays(from, 6),
    }));
  };
  return [
    button("‹", show(-7), { "aria-label": "Previous week" }),
    button("This week", (event) => {
      const from = startOfWeek(wallIn(new Date().toISOString(), result.time_zone).slice(0, 10));
      app.busy(event.target, () => app.show("list_meetings", {
        ...listArguments(), limit: 100, window_start: from, window_end: addDays(from, 6),
      }));
    }),
    button("›", show(7), { "aria-label": "Next week" }),
    button(`Refresh · as of ${app.asOf()}`, (event) => app.busy(event.target, () => app.show(app.tool, app.input ?? {}))),
  ];
};

const listArguments = () => {
  const { query, host_id, time_zone } = app.input ?? {};
  return Object.fromEntries(Object.entries({ query, host_id, time_zone }).filter(([, value]) => value));
};

const layoutButtons = () => {
  if (!app.wide()) return [];
  const choose = (week) => () => {
    app.asWeek = week;
    app.draw();
  };
  return [
    button("List", choose(false), { "aria-pressed": String(!app.asWeek) }),
    button("Week", choose(true), { "aria-pressed": String(app.asWeek) }),
  ];
};

const dayList = (result, clock, overlapping) => {
  const groups = new Map();
  for (const meeting of result.meetings) {
    const day = meeting.start ? dateOf(clock.wall(meeting.start)) : "";
    groups.set(day, [...(groups.get(day) ?? []), meeting]);
  }
  const today = dateOf(wallIn(new Date().toISOString(), clock.zone));
  let left = app.showsAll() ? Infinity : ROWS_INLINE;
  const sections = [];
  for (const [day, meetings] of groups) {
    if (left <= 0) break;
    const shown = meetings.slice(0, left);
    left -= shown.length;
    sections.push(el("section", { class: day === today ? "day today" : "day" },
      el("h2", {}, day ? dayName(day) : "No fixed time", day === today && chip("Today", "now")),
      rovingFocus(el("ol", {}, shown.map((meeting) => row(meeting, clock, overlapping, day))))));
  }
  const hidden = result.meetings.length - (app.showsAll() ? result.meetings.length : ROWS_INLINE);
  return [...sections, hidden > 0 && button(`Show all ${result.meetings.length}`, app.expand, { class: "all" })];
};

const isNow = (meeting) => {
  const now = Date.now();
  return meeting.status === "Started" || (instant(meeting.start) <= now && now < instant(meeting.end ?? meeting.start));
};

const marks = (meeting, overlapping) => [
  meeting.start && isNow(meeting) && chip("In progress", "now"),
  overlapping.has(meeting) && chip("Overlaps", "warning"),
  meeting.repeats && chip("Series"),
];

const row = (meeting, clock, overlapping, day) => {
  const time = meeting.start ? span(clock, meeting.start, meeting.end) : "Any time";
  const past = meeting.end && instant(meeting.end) < Date.now();
  const chips = marks(meeting, overlapping).filter(Boolean);
  const words = [day && dayName(day), time, meeting.topic || "(no topic)", ...chips.map((one) => one.textContent)];
  return el("li", { class: past ? "past" : "" },
    button([
      el("span", { class: "time" }, time),
      el("span", { class: "topic", dir: "auto" }, meeting.topic || "(no topic)"),
      ...chips,
    ], (event) => openMeeting(meeting, event.currentTarget), { class: "row", "aria-label": words.filter(Boolean).join(", ") }),
    meeting.join_url && app.can("openLinks") &&
      button("Join", () => app.openLink(meeting.join_url), { class: meeting.start && isNow(meeting) ? "join primary" : "join", "aria-label": `Join ${meeting.topic || "meeting"}` }));
};

const openMeeting = (meeting, opener) => {
  if (!app.can("serverTools")) return app.open({ ...app.result, note: undefined, hint: undefined, meeting }, opener);
  const { host_id } = app.input ?? {};
  return app.busy(opener, async () => {
    const answer = await app.callTool("get_meeting", { meeting_id: meeting.meeting_id, ...(host_id && { host_id }) });
    // Of a series the row's own date is shown, not the next one.
    app.open({ ...answer.data, meeting: { ...answer.data.meeting, ...meeting } }, opener);
  });
};

const overlaps = (meetings) => {
  const found = new Set();
  const sorted = [...meetings].sort((one, other) => instant(one.start) - instant(other.start));
  let latest;
  for (const meeting of sorted) {
    if (latest && instant(meeting.start) < instant(latest.end ?? latest.start)) found.add(meeting).add(latest);
    if (!latest || instant(meeting.end ?? meeting.start) > instant(latest.end ?? latest.start)) latest = meeting;
  }
  return found;
};

const weekGrid = (result, timed, clock, overlapping) => {
  const first = startOfWeek(dateOf(clock.wall(result.window_start)));
  const days = Array.from({ length: 7 }, (_, index) => addDays(first, index));
  const today = dateOf(wallIn(new Date().toISOString(), clock.zone));
  const pieces = days.map((day) => piecesOf(day, timed, clock));
  const minutes = pieces.flat().flatMap((piece) => [piece.from, piece.to]);
  const from = Math.floor(Math.min(8 * 60, ...minutes) / 60);
  const to = Math.ceil(Math.max(18 * 60, ...minutes) / 60);
  const beyond = timed.filter((meeting) => !days.includes(dateOf(clock.wall(meeting.start)))).length;
  const untimed = result.meetings.length - timed.length;
  const more = [beyond && `${plural(beyond, "meeting")} outside this week`, untimed && `${untimed} without a fixed time`];
  return [
    el("div", { class: "week", style: `--hours:${to - from}` },
      el("div", { class: "hours", "aria-hidden": "true" }, Array.from({ length: to - from }, (_, index) =>
        el("span", {}, clockTime(`2026-01-01T${String(from + index).padStart(2, "0")}:00`)))),
      days.map((day, index) => el("section", { class: day === today ? "column today" : "column" },
        el("h2", {}, shortDay(day)),
        el("ol", {}, lanes(pieces[index]).map((piece) => block(piece, from, to, clock, overlapping, day)))))),
    more.some(Boolean) && el("p", { class: "note" }, `${more.filter(Boolean).join(", ")}: see List.`),
  ];
};

// The part of each meeting that lies on a day, in minutes of its wall clock.
const piecesOf = (day, timed, clock) =>
  timed.flatMap((meeting) => {
    const start = clock.wall(meeting.start);
    const end = clock.wall(meeting.end ?? meeting.start);
    if (dateOf(start) > day || dateOf(end) < day || (dateOf(end) === day && dateOf(start) < day && end.endsWith("T00:00"))) return [];
    const from = dateOf(start) < day ? 0 : minuteOf(start);
    const to = dateOf(end) > day ? 24 * 60 : minuteOf(end);
    return [{ meeting, from, to: Math.max(to, from + 15) }];
  });

// Meetings that overlap share the width of their column; each run of overlapping ones is laid out apart.
const lanes = (pieces) => {
  const sorted = [...pieces].sort((one, other) => one.from - other.from);
  const placed = [];
  let run = [];
  let ends = [];
  const close = () => {
    placed.push(...run.map((piece) => ({ ...piece, lanes: ends.length })));
    [run, ends] = [[], []];
  };
  for (const piece of sorted) {
    if (ends.every((end) => end <= piece.from)) close();
    const free = ends.findIndex((end) => end <= piece.from);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = piece.to;
    run.push({ ...piece, lane });
  }
  close();
  return placed;
};

const block = ({ meeting, from, to, lane, lanes: count }, firstHour, lastHour, clock, overlapping, day) => {
  const all = (lastHour - firstHour) * 60;
  const percent = (minutes) => `${(100 * minutes) / all}%`;
  const style = [
    `inset-block-start:${percent(from - firstHour * 60)}`, `block-size:${percent(to - from)}`,
    `inset-inline-start:${(100 * lane) / count}%`, `inline-size:${100 / count}%`,
  ].join(";");
  const time = span(clock, meeting.start, meeting.end);
  const words = [dayName(day), time, meeting.topic || "(no topic)", ...marks(meeting, overlapping).filter(Boolean).map((one) => one.textContent)];
  const state = overlapping.has(meeting) ? "overlap" : isNow(meeting) ? "live" : "";
  const kind = `block ${state} ${to - from < 40 ? "short" : ""}`;
  return el("li", { style },
    button([el("span", { dir: "auto" }, meeting.topic || "(no topic)"), el("span", { class: "time" }, clockTime(clock.wall(meeting.start)))],
      (event) => openMeeting(meeting, event.currentTarget), { class: kind, "aria-label": words.join(", "), title: words.join(", ") }));
};

const empty = (result) => el("div", { class: "empty" }, el("p", {}, "No meetings in this time."), result.hint && el("p", { class: "note" }, result.hint));

const pager = (result) => {
  if (!result.meetings.length) return null;
  const more = result.next_page_token && app.can("serverTools") && app.showsAll() &&
    button("More", (event) => app.busy(event.target, async () => {
      const next = await app.callTool("list_meetings", { ...(app.input ?? {}), page_token: result.next_page_token });
      const shown = result.meetings.length + next.data.meetings.length;
      app.update({ ...next.data, showing: `1-${shown} of ${next.data.total}`, meetings: [...result.meetings, ...next.data.meetings] });
    }));
  return el("footer", { class: "pager" }, el("span", {}, result.showing), more, result.hint && el("p", { class: "note" }, result.hint));
};
