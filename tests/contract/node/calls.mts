import createClient from "openapi-fetch";
import type { paths } from "./schema.d.ts";

const client = createClient<paths>({ baseUrl: process.env.MEIGARA! });
const text = { parseAs: "text" } as const;
const run = { params: { path: { run_id: 1 } } };
const answers = [
  await client.GET("/healthz"),
  await client.GET("/readyz"),
  await client.GET("/api/v1/status"),
  await client.GET("/api/v1/issues", { params: { query: { market: ["0111", "0112"], limit: 2 } } }),
  await client.GET("/api/v1/issues/{code}", { params: { path: { code: "1301" } } }),
  await client.GET("/api/v1/changes", { params: { query: { kind: ["listed", "delisted"] } } }),
  await client.GET("/api/v1/exports/issues.{format}", { params: { path: { format: "csv" } }, ...text }),
  await client.GET("/api/v1/exports/changes.{format}", { params: { path: { format: "jsonl" } }, ...text }),
  await client.GET("/api/v1/rosters"),
  await client.GET("/api/v1/runs", { params: { query: { status: ["succeeded"] } } }),
  await client.GET("/api/v1/runs/{run_id}", run),
  await client.GET("/sync/task/{task_id}", { params: { path: { task_id: "1" } } }),
  await client.GET("/api/v1/companies/schedule"),
  await client.PUT("/api/v1/companies/schedule", { body: { execution_time: "06:30" } }),
  await client.GET("/jquants/v2/equities/master", { params: { query: { code: "1301" } } }),
  await client.GET("/jquants/v2/markets/calendar", { params: { query: { from: "20261120" } } }),
];
console.log(answers.map(({ response }) => response.status).join(" "));
