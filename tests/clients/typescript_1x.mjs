// The client of the TypeScript SDK's 1.x line, which most of today's programs have.

import { agreeing, load, newReport, plan, play } from "./plan.mjs";

const { Client } = load("@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = load("@modelcontextprotocol/sdk/client/stdio.js");
const { StreamableHTTPClientTransport } = load("@modelcontextprotocol/sdk/client/streamableHttp.js");
const { ElicitRequestSchema } = load("@modelcontextprotocol/sdk/types.js");

const report = newReport("@modelcontextprotocol/sdk");
const client = new Client({ name: "check", version: "0" }, { capabilities: { elicitation: {} } });
client.setRequestHandler(ElicitRequestSchema, agreeing(report));

const [command, ...args] = plan.command;
await client.connect(
  plan.url ? new StreamableHTTPClientTransport(new URL(plan.url)) : new StdioClientTransport({ command, args }),
);
await play(client, report);
await client.close();
