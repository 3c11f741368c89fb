// The client of the TypeScript SDK's 1.x line, which most of today's programs have.

import { agreeing, load, newReport, plan, play } from "./plan.mjs";
import { connected } from "./sign_in.mjs";

const { UnauthorizedError } = load("@modelcontextprotocol/sdk/client/auth.js");
const { Client } = load("@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = load("@modelcontextprotocol/sdk/client/stdio.js");
const { StreamableHTTPClientTransport } = load("@modelcontextprotocol/sdk/client/streamableHttp.js");
const { ElicitRequestSchema } = load("@modelcontextprotocol/sdk/types.js");

const report = newReport("@modelcontextprotocol/sdk");
const client = new Client({ name: "check", version: "0" }, { capabilities: { elicitation: {} } });
client.setRequestHandler(ElicitRequestSchema, agreeing(report));

const [command, ...args] = plan.command;
let signedIn;
if (plan.url) {
  const finish = (transport, answer) => transport.finishAuth(answer.get("code"));
  signedIn = await connected(client, StreamableHTTPClientTransport, UnauthorizedError, finish);
} else {
  await client.connect(new StdioClientTransport({ command, args }));
}
await play(client, report, signedIn);
await client.close();
