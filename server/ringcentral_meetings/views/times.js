// Times as the server gives them: wall time with offset, such as 2026-11-30T09:00-05:00, in a named zone.
// They are shown as sent; only where the person's own zone differs are they converted, by Intl.

const instant = (text) => new Date(text).getTime();
const dateOf = (text) => text.slice(0, 10);
const minuteOf = (text) => Number(text.slice(11, 13)) * 60 + Number(text.slice(14, 16));

// The wall time of `text` in `zone`, in the server's form, without the offset.
const wallIn = (text, zone) => {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }).formatToParts(new Date(text));
  const of = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  return `${of.year}-${of.month}-${of.day}T${of.hour}:${of.minute}`;
};

const isZone = (zone) => {
  try {
    return Boolean(zone && new Intl.DateTimeFormat("en", { timeZone: zone }));
  } catch {
    return false;
  }
};

// A clock that shows the server's times in the server's zone, or in the person's where that was chosen.
const clockFor = (serverZone) => {
  const own = app.context.timeZone;
  const converts = app.inOwnZone && isZone(own) && own !== serverZone;
  return {
    zone: converts ? own : serverZone,
    wall: (text) => (converts ? wallIn(text, own) : text.slice(0, 16)),
  };
};

const zonesDiffer = (serverZone, texts) => {
  const own = app.context.timeZone;
  return isZone(own) && own !== serverZone && texts.some((text) => wallIn(text, own) !== text.slice(0, 16));
};

// A wall time is formatted as if it were UTC, so that no zone of the browser's comes in.
const asUtc = (wall) => new Date(`${wall.slice(0, 16)}Z`);
const format = (wall, options) => {
  try {
    return new Intl.DateTimeFormat(app.context.locale, { timeZone: "UTC", ...options }).format(asUtc(wall));
  } catch {
    return new Intl.DateTimeFormat("en", { timeZone: "UTC", ...options }).format(asUtc(wall));
  }
};
const dayName = (date) => format(`${date}T12:00`, { weekday: "long", day: "numeric", month: "long" });
const shortDay = (date) => format(`${date}T12:00`, { weekday: "short", day: "numeric", month: "short" });
const clockTime = (wall) => format(wall, { hour: "numeric", minute: "2-digit" });
const zoneName = (zone) => zone.replace(/^.*\//, "").replace(/_/g, " ");

const addDays = (date, days) => {
  const moved = new Date(`${date}T12:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
};

const span = (clock, start, end) => {
  const from = clock.wall(start);
  if (!end) return clockTime(from);
  const to = clock.wall(end);
  const later = dateOf(to) !== dateOf(from) && to.slice(11) !== "00:00" ? `, ${shortDay(dateOf(to))}` : "";
  return `${clockTime(from)} – ${clockTime(to)}${later}`;
};

const firstDayOfWeek = () => {
  try {
    const locale = new Intl.Locale(app.context.locale || "en");
    return ((locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1) % 7;
  } catch {
    return 1;
  }
};

const startOfWeek = (date) => {
  const weekday = new Date(`${date}T12:00Z`).getUTCDay();
  return addDays(date, -((weekday - firstDayOfWeek() + 7) % 7));
};
