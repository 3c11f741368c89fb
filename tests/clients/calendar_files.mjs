// Reads calendar files with ical.js or node-ical; see calendar_files.py, which says what to read on stdin.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const folder = process.env.MCP_CLIENT_MODULES;
const asked = JSON.parse(readFileSync(0, "utf8"));
const manifest = JSON.parse(readFileSync(join(folder, "node_modules", asked.package, "package.json"), "utf8"));
const load = createRequire(join(folder, "package.json"));

/** Starts by ical.js, whose clocks are those of the file's VTIMEZONE. */
function byIcalJs(ICAL, text) {
  ICAL.TimezoneService.reset();
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const events = calendar.getAllSubcomponents("vevent");
  const main = events.find((event) => !event.getFirstProperty("recurrence-id"));
  const event = new ICAL.Event(main, { exceptions: events.filter((one) => one !== main) });
  if (!event.isRecurring()) return [event.startDate.toJSDate().getTime()];
  const starts = [];
  const dates = event.iterator();
  for (let date = dates.next(); date && date.toJSDate().getTime() < asked.end; date = dates.next()) {
    starts.push(event.getOccurrenceDetails(date).startDate.toJSDate().getTime());
  }
  return starts;
}

/** Starts by node-ical, which takes zones by their names and leaves out RDATE. */
function byNodeIcal(ical, text) {
  const event = Object.values(ical.sync.parseICS(text)).find((one) => one.type === "VEVENT");
  if (!event.rrule) return [event.start.getTime()];
  const dates = ical.expandRecurringEvent(event, { from: event.start, to: new Date(asked.end) });
  return dates.map((date) => date.start.getTime());
}

let read;
if (asked.package === "ical.js") {
  const loaded = load("ical.js");
  read = (text) => byIcalJs(loaded.default ?? loaded, text);
} else {
  const loaded = load("node-ical");
  read = (text) => byNodeIcal(loaded, text);
}
const starts = asked.files.map((text) => read(text).sort((one, other) => one - other));
process.stdout.write(JSON.stringify({ version: manifest.version, starts }));
