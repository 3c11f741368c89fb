// The browser as a host of the view, without any assistant: tools are called in the process of the command.
"use strict";

const frame = document.createElement("iframe");
frame.title = "Agenda";
frame.sandbox = "allow-scripts";
frame.allow = "clipboard-write";
frame.src = "view";

const post = (message) => frame.contentWindow.postMessage({ jsonrpc: "2.0", ...message }, "*");
const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => (dark.matches ? "dark" : "light");

const callTool = async (name, args) => {
  const answer = await fetch("call", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name, arguments: args }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
};

const download = ({ contents }) => {
  for (const { resource } of contents) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([resource.text], { type: resource.mimeType }));
    link.download = resource.uri.replace(/^.*[/:]/, "");
    link.click();
    URL.revokeObjectURL(link.href);
  }
  return {};
};

const handlers = {
  "ui/initialize": ({ protocolVersion }) => ({
    protocolVersion,
    hostInfo: { name: "ringcentral-meetings-mcp agenda", version: "1" },
    hostCapabilities: { openLinks: {}, downloadFile: {}, serverTools: {} },
    hostContext: {
      theme: theme(),
      locale: navigator.language,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      displayMode: "fullscreen",
      availableDisplayModes: ["fullscreen"],
    },
  }),
  "tools/call": ({ name, arguments: args }) => callTool(name, args),
  "ui/open-link": ({ url }) => {
    if (!/^https:/.test(url)) throw new Error("Only https links are opened.");
    window.open(url, "_blank", "noopener,noreferrer");
    return {};
  },
  "ui/download-file": download,
  "ui/request-display-mode": () => ({ mode: "fullscreen" }),
};

const heed = {
  "ui/notifications/initialized": () => showWeek(),
  "ui/notifications/size-changed": ({ height }) => {
    frame.style.blockSize = `${height}px`;
  },
};

const answer = async ({ id, method, params }) => {
  try {
    if (!handlers[method]) throw Object.assign(new Error("Method not found"), { code: -32601 });
    post({ id, result: await handlers[method](params ?? {}) });
  } catch (fault) {
    post({ id, error: { code: fault.code ?? -32603, message: fault.message } });
  }
};

window.addEventListener("message", ({ source, data }) => {
  if (source !== frame.contentWindow || data?.jsonrpc !== "2.0" || !data.method) return;
  if (data.id === undefined) heed[data.method]?.(data.params ?? {});
  else answer(data);
});

// The week that holds today. Dates without a zone are read in the person's own, on the server.
const showWeek = async () => {
  const today = new Date();
  const day = (offset) => {
    const date = new Date(today.getFullYear(), today.getMonth(), today.getDate() - ((today.getDay() + 6) % 7) + offset);
    const two = (number) => String(number).padStart(2, "0");
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  };
  const args = { window_start: day(0), window_end: day(6), limit: 100 };
  post({ method: "ui/notifications/tool-input", params: { arguments: args } });
  try {
    post({ method: "ui/notifications/tool-result", params: await callTool("list_meetings", args) });
  } catch {
    post({ method: "ui/notifications/tool-cancelled", params: { reason: "The command no longer runs." } });
  }
};

dark.addEventListener("change", () => post({ method: "ui/notifications/host-context-changed", params: { theme: theme() } }));

// While this stream is open, the command knows that somebody looks.
const watch = new EventSource("watching");
watch.addEventListener("error", () => {
  document.getElementById("ended").hidden = watch.readyState !== EventSource.CLOSED;
});

document.body.append(frame);
