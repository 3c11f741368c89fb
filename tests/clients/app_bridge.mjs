// The reference host of MCP Apps (`AppBridge` of ext-apps) in a page, to judge the view. Bundled by app_view.py.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

window.sent = [];
window.faults = [];
const frame = document.createElement("iframe");
frame.title = "view";
frame.sandbox = "allow-scripts";
document.body.append(frame);
window.addEventListener("message", ({ source, data }) => {
  if (source === frame.contentWindow) window.sent.push(data);
});

const capabilities = { openLinks: {}, downloadFile: {}, serverTools: {}, message: { text: {} }, updateModelContext: { text: {} } };
const hostContext = { theme: "light", locale: "en-US", timeZone: "America/New_York", displayMode: "inline", availableDisplayModes: ["inline", "fullscreen"] };
const bridge = new AppBridge(null, { name: "judge", version: "1" }, capabilities, { hostContext });
const passed = (method) => (params) => window.answer(method, params).then(({ result }) => result);
bridge.oncalltool = passed("tools/call");
bridge.onopenlink = passed("ui/open-link");
bridge.onmessage = passed("ui/message");
bridge.ondownloadfile = passed("ui/download-file");
bridge.onupdatemodelcontext = passed("ui/update-model-context");
bridge.onrequestdisplaymode = passed("ui/request-display-mode");
bridge.onerror = (fault) => window.faults.push(String(fault));
bridge.oninitialized = () => {
  window.initialized = true;
};
window.show = async (args, result) => {
  await bridge.sendToolInput({ arguments: args });
  await bridge.sendToolResult(result);
};
window.end = () => bridge.teardownResource({});
await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
frame.src = "https://view.example/";
