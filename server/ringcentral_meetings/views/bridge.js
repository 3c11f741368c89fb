// The MCP Apps bridge: JSON-RPC 2.0 over postMessage with the host that holds this frame.
// Source: MCP Apps specification, revision 2026-01-26 (SEP-1865).

const PROTOCOL_VERSION = "2026-01-26";
const HANDSHAKE_MS = 10_000;

const bridge = (() => {
  const host = window.parent;
  const pending = new Map();
  const handlers = new Map();
  let lastId = 0;

  const post = (message) => host.postMessage({ jsonrpc: "2.0", ...message }, "*");

  const notify = (method, params = {}) => post({ method, params });

  const request = (method, params = {}) =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      pending.set(id, { resolve, reject });
      post({ id, method, params });
    });

  const on = (method, handler) => handlers.set(method, handler);

  const settle = ({ id, result, error }) => {
    const waiting = pending.get(id);
    pending.delete(id);
    if (!waiting) return;
    if (error) waiting.reject(new Error(String(error.message || "The host refused.")));
    else waiting.resolve(result ?? {});
  };

  const serve = ({ id, method, params }) => {
    const handler = handlers.get(method);
    if (id === undefined) handler?.(params ?? {});
    else if (handler) post({ id, result: handler(params ?? {}) ?? {} });
    else post({ id, error: { code: -32601, message: "Method not found" } });
  };

  window.addEventListener("message", ({ source, data }) => {
    if (source !== host || data?.jsonrpc !== "2.0") return;
    if (data.method) serve(data);
    else settle(data);
  });

  // Listeners are set before the first message: a host may answer at once.
  const connect = async () => {
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error("No answer")), HANDSHAKE_MS));
    const answer = await Promise.race([
      request("ui/initialize", {
        appInfo: { name: "ringcentral-meetings", version: "/*{version}*/" },
        appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
        protocolVersion: PROTOCOL_VERSION,
      }),
      late,
    ]);
    notify("ui/notifications/initialized");
    return answer;
  };

  return { connect, notify, on, request };
})();
