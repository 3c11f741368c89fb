// One meeting: when, how to join, a calendar file. Changes, endings and deletions are asked of the assistant,
// in a message that holds ids and times and no text of other people's.

const cardFace = (result, back) => {
  const meeting = result.meeting;
  const zone = meeting.time_zone || result.time_zone || app.context.timeZone || "UTC";
  const clock = clockFor(zone);
  return [
    notices(result),
    el("article", { class: "card" },
      back && button("Back", back, { class: "quiet back" }),
      created(result),
      el("h2", { dir: "auto" }, meeting.topic || "(no topic)"),
      when(meeting, clock),
      facts(meeting),
      password(meeting),
      el("div", { class: "actions" }, joinButtons(meeting), calendarFile(meeting, zone), requests(meeting)),
      conflicts(result, clock),
      result.note && el("p", { class: "note" }, result.note)),
  ];
};

const created = (result) => {
  if (result.created === true) return banner("Created.", "success");
  if (result.created === false) return banner("This meeting was already there. Nothing was created.", "info");
  return null;
};

const when = (meeting, clock) => {
  if (!meeting.start) return el("p", { class: "when" }, "No fixed time");
  const day = dayName(dateOf(clock.wall(meeting.start)));
  return el("div", { class: "when" },
    el("p", {}, `${day}, ${span(clock, meeting.start, meeting.end)}`),
    el("p", { class: "zone" }, clock.zone, zoneSwitch(meeting.time_zone, [meeting.start])));
};

const facts = (meeting) =>
  el("ul", { class: "facts" },
    meeting.status === "Started" && el("li", {}, chip("In progress", "now")),
    meeting.repeats && el("li", {}, `Repeats ${meeting.repeats}`),
    meeting.pin && el("li", {}, `Meeting ID ${meeting.pin}`));

const password = (meeting) => {
  if (!meeting.password) return null;
  const value = el("span", { class: "secret" }, "••••••");
  const toggle = button("Show password", () => {
    const shown = toggle.getAttribute("aria-pressed") === "true";
    toggle.setAttribute("aria-pressed", String(!shown));
    toggle.textContent = shown ? "Show password" : "Hide password";
    value.textContent = shown ? "••••••" : meeting.password;
  }, { class: "quiet", "aria-pressed": "false" });
  return el("p", { class: "password" }, "Password ", value, toggle);
};

const joinButtons = (meeting) => {
  if (!meeting.join_url) return [];
  const open = app.can("openLinks")
    ? button("Join", () => app.openLink(meeting.join_url), { class: "primary" })
    : el("code", { class: "link" }, meeting.join_url);
  return [open, button("Copy link", () => copyText(meeting.join_url))];
};

const calendarFile = (meeting, zone) => {
  if (!meeting.start || !app.can("downloadFile") || !app.can("serverTools")) return null;
  return button("Calendar file", async (event) => {
    const of = { meeting_id: meeting.meeting_id };
    // RingCentral Video stores no time, so the file is made for the one shown.
    const timed = app.product === "RingCentral Video" && {
      start_time: meeting.start, time_zone: zone, duration_minutes: meeting.duration_minutes,
    };
    await app.busy(event.target, async () => {
      const answer = await app.callTool("get_meeting_invitation", { ...of, ...timed });
      const file = answer.content.find((block) => block.type === "resource");
      if (file) await bridge.request("ui/download-file", { contents: [{ type: "resource", resource: file.resource }] });
    });
  });
};

const requests = (meeting) => {
  if (!app.can("message")) return [];
  const which = `the RingCentral meeting with meeting_id ${meeting.meeting_id}`;
  const at = meeting.start ? ` (start ${meeting.start})` : "";
  const ask = (label, text) =>
    button(label, () => app.say(text), { class: "quiet", title: "Asks the assistant; it changes nothing by itself" });
  return [
    ask("Ask to change…", `I would like to change ${which}${at}. Ask me what should change.`),
    meeting.status === "Started" && ask("Ask to end…", `Please end ${which}${at}.`),
    ask("Ask to delete…", `Please delete ${which}${at}.`),
  ];
};

const conflicts = (result, clock) => {
  if (!result.conflicts?.length) return null;
  const more = result.more_conflicts ? ` and ${result.more_conflicts} more` : "";
  return el("section", { class: "conflicts" },
    el("h3", {}, `Overlaps ${plural(result.conflicts.length, "meeting")}${more}`),
    el("ul", {}, result.conflicts.map((one) =>
      el("li", { dir: "auto" }, `${shortDay(dateOf(clock.wall(one.start)))} ${span(clock, one.start, one.end)} ${one.topic}`))));
};
