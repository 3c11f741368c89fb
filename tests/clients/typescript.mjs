// The TypeScript SDK's client: `node typescript.mjs legacy` or `auto`.

import { agreeing, load, newReport, plan, play } from "./plan.mjs";
import { connected } from "./sign_in.mjs";

const { Client, StreamableHTTPClientTransport, UnauthorizedError } = load("@modelcontextprotocol/client");
const { StdioClientTransport } = load("@modelcontextprotocol/client/stdio");

const mode = process.argv[2];
const report = newReport("@modelcontextprotocol/client");
const client = new Client(
  { name: "check", version: "0" },
  { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode } },
);
client.setRequestHandler("elicitation/create", agreeing(report));

const [command, ...args] = plan.command;
let signedIn;
if (plan.url) {
  const finish = (transport, answer) => transport.finishAuth(answer);
  signedIn = await connected(client, StreamableHTTPClientTransport, UnauthorizedError, finish);
} else {
  await client.connect(new StdioClientTransport({ command, args }));
}
const expected = mode === "auto" ? "modern" : "legacy";
if (client.getProtocolEra() !== expected) throw new Error(`${client.getProtocolEra()} instead of ${expected}`);
report.client += `, ${client.getNegotiatedProtocolVersion()}`;
await play(client, report, signedIn);
await client.close();
