// What clients in JavaScript share: the plan, its calls one by one, and the report. See plan.py.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Loads a package from the folder where it was installed for these checks. */
export const load = createRequire(join(process.env.MCP_CLIENT_MODULES, "package.json"));

export const plan = JSON.parse(readFileSync(process.env.MCP_CLIENT_PLAN, "utf8"));

/**
 * The plan, played by any client that lists and calls; `report.questions` is filled by who answers them, and `signedIn`
 * does what needs a sign-in.
 */
export async function play(client, report, signedIn = (work) => work()) {
  report.tools = (await client.listTools()).tools;
  for (const step of plan.steps) {
    if (step.after) await fetch(`${plan.person}/${step.after}`);
    const call = { name: step.tool, arguments: filled(step.arguments, report) };
    const result = await signedIn(() => client.callTool(call));
    report.steps[step.name] = {
      text: result.content[0].text,
      is_error: result.isError ?? false,
      structured: result.structuredContent ?? null,
    };
  }
  writeFileSync(plan.report, JSON.stringify(report));
}

/** A report of the client in a package, whose version it tells. */
export function newReport(name) {
  const manifest = join(process.env.MCP_CLIENT_MODULES, "node_modules", name, "package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8"));
  return { client: `${name} ${version}`, shows: ["title", "annotations", "outputSchema"], tools: [], steps: {}, questions: [] };
}

/** Answers the question whether to go ahead, and notes it. */
export function agreeing(report) {
  return async (request) => {
    report.questions.push(request.params.message);
    return { action: "accept", content: { confirm: true } };
  };
}

function filled(value, report) {
  if (Array.isArray(value)) return value.map((item) => filled(item, report));
  if (value === null || typeof value !== "object") return value;
  if ("$from" in value) return within(value.$from, report);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item, report)]));
}

function within([step, ...path], report) {
  const text = report.steps[step].text;
  const found = path.reduce((value, name) => value?.[name], JSON.parse(text));
  if (found === undefined) throw new Error(`no ${path.join(".")} in ${text.slice(0, 500)}`);
  return found;
}
