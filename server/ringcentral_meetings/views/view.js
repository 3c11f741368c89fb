// What is shown, and how it gets there: the handshake, the tool's result, calls back to the server.

const app = {
  context: {}, capabilities: {}, tool: undefined, input: undefined, result: undefined,
  opened: undefined, opener: undefined, failure: undefined, product: undefined,
  asWeek: false, all: false, inOwnZone: false, mayCreate: true, taken: 0, running: false,

  can: (capability) => app.capabilities[capability] !== undefined,
  wide: () => document.documentElement.clientWidth >= WEEK_FROM_PX,
  showsAll: () => app.all || app.context.displayMode === "fullscreen",
  asOf: () => clockTime(wallIn(new Date(app.taken).toISOString(), app.result.time_zone)),

  // A tool's answer with its data parsed. Raises with the server's own error where it is one.
  async callTool(name, args) {
    const answer = await bridge.request("tools/call", { name, arguments: args });
    const data = dataOf(answer);
    if (answer.isError || data.error) throw Object.assign(new Error(data.error?.message ?? "The call failed."), { told: data.error });
    return { ...answer, data };
  },
  async show(tool, args) {
    const answer = await app.callTool(tool, args);
    Object.assign(app, { tool, input: args, opened: undefined });
    app.update(answer.data);
  },
  // One action at a time: a second click while one runs does nothing.
  async busy(control, action) {
    if (app.running) return;
    app.running = true;
    control.setAttribute("aria-busy", "true");
    control.setAttribute("aria-disabled", "true");
    try {
      await action();
    } catch (fault) {
      showFault(fault);
    } finally {
      app.running = false;
      control.removeAttribute("aria-busy");
      control.removeAttribute("aria-disabled");
    }
  },
  update(result) {
    Object.assign(app, { result, failure: undefined, taken: Date.now(), product: result.product ?? app.product });
    app.draw();
  },
  open(result, opener) {
    Object.assign(app, { opened: result, opener: opener?.getAttribute("aria-label") });
    app.draw();
    document.querySelector(".card")?.querySelector("button")?.focus();
  },
  back() {
    app.opened = undefined;
    app.draw();
    [...document.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === app.opener)?.focus();
  },
  async expand() {
    app.all = true;
    const modes = app.context.availableDisplayModes ?? [];
    if (modes.includes("fullscreen")) {
      const granted = await bridge.request("ui/request-display-mode", { mode: "fullscreen" }).catch(() => ({}));
      if (granted.mode) app.context.displayMode = granted.mode;
    }
    app.draw();
  },
  openLink: (url) => bridge.request("ui/open-link", { url }).catch(showFault),
  say: (text) => bridge.request("ui/message", { role: "user", content: [{ type: "text", text }] })
    .then(() => announce("The assistant was asked."), showFault),
  tellModel: (text) => (app.can("updateModelContext")
    ? bridge.request("ui/update-model-context", { content: [{ type: "text", text }] }).catch(() => {}) : undefined),
  draw() {
    const main = document.getElementById("view");
    main.removeAttribute("aria-busy");
    main.replaceChildren(...[el("h1", { class: "hidden" }, title()), face()].flat(Infinity).filter(Boolean));
  },
};

const dataOf = (answer) => {
  if (answer.structuredContent) return answer.structuredContent;
  const text = answer.content?.find((block) => block.type === "text")?.text ?? "";
  try {
    return JSON.parse(text);
  } catch {
    return { error: { message: text || "The tool gave no result." } };
  }
};

const title = () => {
  const result = app.opened ?? app.result;
  if (app.failure || !result) return "RingCentral meetings";
  return result.meeting ? "Meeting" : result.slots ? "Free times" : "Agenda";
};

const face = () => {
  if (app.failure) return errorFace(app.failure);
  const result = app.opened ?? app.result;
  if (!result) return el("p", { class: "waiting" }, "Waiting for RingCentral…");
  if (result.meeting) return cardFace(result, app.opened && app.result?.meeting === undefined && app.back);
  if (result.slots) return slotsFace(result);
  if (result.meetings && result.time_zone) return agendaFace(result);
  return el("p", { class: "waiting" }, "This result has no view. The assistant has all of it.");
};

const errorFace = (error) => {
  const heading = {
    not_supported_by_product: "Not part of this RingCentral product",
    declined: "Not done",
    cancelled: "Cancelled",
  }[error.code] ?? "That did not work";
  const retry = error.retryable && app.tool && app.can("serverTools") &&
    button("Try again", (event) => app.busy(event.target, () => app.show(app.tool, app.input ?? {})));
  return el("section", { class: "card", role: "alert" },
    el("h2", {}, heading), el("p", { dir: "auto" }, error.message),
    error.next_step && el("p", { class: "note", dir: "auto" }, error.next_step), retry);
};

const showFault = (fault) => {
  const place = document.getElementById("fault") ?? el("div", { id: "fault", role: "alert" });
  const next = fault.told?.next_step;
  place.replaceChildren(banner(fault.message, "danger"), ...(next ? [el("p", { class: "note", dir: "auto" }, next)] : []));
  document.getElementById("view").prepend(place);
  // A server that only reads does not have the tool; the assistant may be asked instead.
  if (/is not available|unknown tool/i.test(fault.message)) app.mayCreate = false;
};

const notices = (result) => [
  result.simulated
    ? banner(`${result.product ?? "RingCentral"}, simulated: nothing here is real.`, "info")
    : result.product && el("p", { class: "note" }, result.product),
  result.incomplete && banner("This list is not complete.", "warning"),
];

const zoneSwitch = (serverZone, times) => {
  if (!serverZone || !zonesDiffer(serverZone, times)) return null;
  const to = app.inOwnZone ? serverZone : app.context.timeZone;
  return button(`Show in ${to}`, () => {
    app.inOwnZone = !app.inOwnZone;
    app.draw();
  }, { class: "quiet" });
};

const RIGHT_TO_LEFT = new Set(["ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"]);

const applyContext = (context) => {
  Object.assign(app.context, context);
  const root = document.documentElement;
  const { theme, locale, styles, safeAreaInsets: inset } = app.context;
  if (theme) root.dataset.theme = theme;
  if (locale) {
    root.lang = locale;
    root.dir = RIGHT_TO_LEFT.has(locale.split("-")[0].toLowerCase()) ? "rtl" : "ltr";
  }
  for (const [name, value] of Object.entries(styles?.variables ?? {})) {
    if (name.startsWith("--") && value) root.style.setProperty(name, value);
  }
  if (inset) root.style.setProperty("--inset", `${inset.top ?? 0}px ${inset.right ?? 0}px ${inset.bottom ?? 0}px ${inset.left ?? 0}px`);
  root.dataset.mode = app.context.displayMode ?? "inline";
};

const reportSize = () => {
  let last = 0;
  // The root's own height, and only when it changed: hosts that set the frame to it would otherwise loop.
  new ResizeObserver(() => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (height === last) return;
    last = height;
    bridge.notify("ui/notifications/size-changed", { width: document.documentElement.clientWidth, height });
  }).observe(document.documentElement);
};

bridge.on("ui/notifications/tool-input", ({ arguments: args }) => {
  app.input = args ?? {};
});
bridge.on("ui/notifications/tool-result", (answer) => {
  const data = dataOf(answer);
  Object.assign(app, { opened: undefined, all: false });
  if (answer.isError || data.error) {
    app.failure = data.error ?? { message: "The call failed." };
    app.draw();
  } else app.update(data);
});
bridge.on("ui/notifications/tool-cancelled", () => {
  app.failure = { code: "cancelled", message: "The call was cancelled.", next_step: "Ask the assistant again." };
  app.draw();
});
bridge.on("ui/notifications/host-context-changed", (context) => {
  applyContext(context);
  app.draw();
});
bridge.on("ui/resource-teardown", () => ({}));
bridge.on("ping", () => ({}));

window.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && app.opened && app.result) app.back();
});

let wasWide = app.wide();
window.addEventListener("resize", () => {
  if (wasWide === app.wide()) return;
  wasWide = app.wide();
  app.draw();
});

app.draw();
bridge.connect().then(({ hostContext = {}, hostCapabilities = {} }) => {
  app.capabilities = hostCapabilities;
  app.tool = hostContext.toolInfo?.tool?.name ?? "list_meetings";
  applyContext(hostContext);
  app.draw();
  reportSize();
}, () => {
  app.failure = { message: "The host did not answer.", next_step: "The assistant has the whole result as text." };
  app.draw();
});
