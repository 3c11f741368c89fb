// The client of the TypeScript SDK 1.12, which has protocol 2025-03-26: no output schemas, no questions, no links.

import { load, newReport, plan, play } from "./plan.mjs";

const PACKAGE = "sdk-1.12";
const { Client } = load(`${PACKAGE}/client/index.js`);
const { StdioClientTransport } = load(`${PACKAGE}/client/stdio.js`);
const { StreamableHTTPClientTransport } = load(`${PACKAGE}/client/streamableHttp.js`);

const report = { ...newReport(PACKAGE), shows: ["annotations"], questions: null };
const client = new Client({ name: "check", version: "0" });

const [command, ...args] = plan.command;
await client.connect(
  plan.url ? new StreamableHTTPClientTransport(new URL(plan.url)) : new StdioClientTransport({ command, args }),
);
await play(client, report);
await client.close();
