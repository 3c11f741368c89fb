// Free times to pick from. Choosing one creates nothing: a second button does, and refuses on a conflict.

const slotsFace = (result) => {
  const clock = clockFor(result.time_zone);
  const days = new Map();
  for (const slot of result.slots) {
    const day = dateOf(clock.wall(slot.start));
    days.set(day, [...(days.get(day) ?? []), slot]);
  }
  const choose = (slot, chosen) => {
    for (const other of document.querySelectorAll("button.slot")) other.setAttribute("aria-pressed", String(other === chosen));
    document.querySelector(".chosen")?.remove();
    const panel = slotPanel(slot, result, clock, chosen);
    chosen.closest("section").after(panel);
    panel.querySelector("input, button").focus();
  };
  return [
    notices(result),
    el("p", { class: "window" }, "Free times", el("span", { class: "zone" }, clock.zone),
      zoneSwitch(result.time_zone, result.slots.map((slot) => slot.start))),
    hostList(result),
    result.slots.length === 0 && el("div", { class: "empty" }, el("p", {}, "No free time in this window.")),
    [...days].map(([day, slots]) => el("section", { class: "day" },
      el("h2", {}, dayName(day)),
      el("ul", { class: "slots" }, slots.map((slot) => el("li", {}, slotButton(slot, clock, day, choose)))))),
    el("p", { class: "note" }, result.note),
  ];
};

const hostList = (result) => {
  const unknown = result.hosts.filter((host) => host.calendar !== "known");
  return [
    result.hosts.length > 1 && el("p", { class: "note", dir: "auto" }, `For ${result.hosts.map((host) => host.name || host.host_id || "a host").join(", ")}`),
    ...unknown.map((host) => banner(`${host.name || host.host_id || "A host"}: calendar ${host.calendar}${host.problem ? `: ${host.problem}` : ""}. These times may not be free.`, "warning")),
  ];
};

const slotButton = (slot, clock, day, choose) => {
  const elsewhere = (slot.elsewhere ?? []).map((one) =>
    `${clockTime(one.start)} ${zoneName(one.time_zone)}${one.outside_hours ? " (outside working hours)" : ""}`);
  const time = span(clock, slot.start, slot.end);
  return button([el("span", { class: "time" }, time), ...elsewhere.map((text) => el("span", { class: "elsewhere" }, text))],
    (event) => choose(slot, event.currentTarget),
    { class: "slot", "aria-pressed": "false", "aria-label": [dayName(day), time, ...elsewhere].join(", ") });
};

const slotPanel = (slot, result, clock, opener) => {
  const close = () => {
    opener.setAttribute("aria-pressed", "false");
    panel.remove();
    opener.focus();
  };
  const where = `${dayName(dateOf(clock.wall(slot.start)))}, ${span(clock, slot.start, slot.end)} (${clock.zone})`;
  const topic = el("input", { id: "topic", type: "text", maxlength: 120, required: true, autocomplete: "off" });
  const creates = app.can("serverTools") && app.mayCreate;
  // No form element: the frame's sandbox may forbid submitting one.
  const create = button("Create meeting", () => createAt(slot, result, topic.value.trim(), create), { class: "primary" });
  topic.addEventListener("keydown", (event) => event.key === "Enter" && create.click());
  const form = [el("label", { for: "topic" }, "Topic"), topic, el("div", { class: "actions" }, create, button("Cancel", close))];
  const asks = [
    app.can("message") && button("Ask the assistant to create it", () =>
      app.say(`Please create a RingCentral meeting from ${slot.start} to ${slot.end} (time zone ${result.time_zone}). Ask me for the topic.`), { class: "primary" }),
    button("Cancel", close),
  ];
  const panel = el("section", {
    class: "card chosen", "aria-label": "Chosen time",
    onkeydown: (event) => event.key === "Escape" && close(),
  }, el("h3", {}, where), creates ? form : el("div", { class: "actions" }, asks));
  return panel;
};

const createAt = (slot, result, topic, submit) => {
  if (!topic) return announce("Give the meeting a topic.");
  return app.busy(submit, async () => {
    const minutes = Math.round((instant(slot.end) - instant(slot.start)) / 60_000);
    const checks = app.product === "RingCentral Video" ? {} : { if_conflict: "refuse" };
    const answer = await app.callTool("create_meeting", {
      topic, start_time: slot.start.slice(0, 16), time_zone: result.time_zone, duration_minutes: minutes, ...checks,
    });
    const { meeting } = answer.data;
    app.open(answer.data);
    announce("The meeting was created.");
    await app.tellModel(`The person created the RingCentral meeting ${meeting.meeting_id}, start ${meeting.start} (${result.time_zone}), in the view.`);
  });
};
