// The Node.js fallback: the same item API as the gateway, and the data API that fills the gateway's cache.
"use strict";

const http = require("node:http");
const os = require("node:os");
const { historyRows, knownId, rendered } = require("./items.js");

const PORT = Number(process.env.PORT ?? 3005);
const DRAIN_MS = Number(process.env.DRAIN_MS ?? 1000);
const LONGEST_GOODBYE_MS = 3000;
const LARGEST_BODY_BYTES = 1 << 20;
const MOST_DIGESTS = 1000;
const SERVED_BY = os.hostname();

const counts = new Map();
let draining = false;

function log(level, message, fields = {}) {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, logger: "fallback", message, ...fields })}\n`);
}

function send(response, status, body, headers = {}) {
  counts.set(status, (counts.get(status) ?? 0) + 1);
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const close = draining ? { Connection: "close" } : {};
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": bytes.length,
    "X-Served-By": SERVED_BY,
    ...close,
    ...headers,
  });
  response.end(response.req.method === "HEAD" ? undefined : bytes);
}

function sendItem(response, text, query) {
  const id = knownId(text);
  if (id === null) return send(response, 404, { error: "no such item" });
  const { body, checksum } = rendered(id, historyRows(query));
  return send(response, 200, body, { "X-Checksum-SHA256": checksum });
}

function sendDigests(response, text) {
  let ids;
  try {
    ids = JSON.parse(text).ids;
  } catch {
    return send(response, 400, { error: "the body is not JSON" });
  }
  if (!Array.isArray(ids) || ids.length > MOST_DIGESTS || !ids.every((id) => knownId(String(id)) !== null)) {
    return send(response, 400, { error: `ids must be a list of at most ${MOST_DIGESTS} item ids` });
  }
  return send(response, 200, { digests: Object.fromEntries(ids.map((id) => [id, rendered(Number(id)).checksum])) });
}

function withBody(request, response, use) {
  const parts = [];
  let size = 0;
  request.on("data", (part) => {
    size += part.length;
    if (size <= LARGEST_BODY_BYTES) parts.push(part);
  });
  request.on("end", () => {
    if (size > LARGEST_BODY_BYTES) send(response, 413, { error: "the body is too large" });
    else use(response, Buffer.concat(parts).toString("utf8"));
  });
}

function metrics(response) {
  const lines = ["# HELP fallback_requests_total Answers", "# TYPE fallback_requests_total counter"];
  for (const [status, count] of counts) lines.push(`fallback_requests_total{status="${status}"} ${count}`);
  lines.push("# HELP process_resident_memory_bytes Resident memory", "# TYPE process_resident_memory_bytes gauge");
  lines.push(`process_resident_memory_bytes ${process.memoryUsage.rss()}`);
  send(response, 200, Buffer.from(`${lines.join("\n")}\n`), { "Content-Type": "text/plain; version=0.0.4" });
}

const READ = new Map([
  ["/health", (response) => send(response, draining ? 503 : 200, { status: draining ? "draining" : "healthy", uptime_s: process.uptime() })],
  // The gateway's own paths, so that a probe aimed at the Service holds wherever traffic is sent.
  ["/health/live", (response) => send(response, 200, { status: "alive" })],
  ["/health/ready", (response) => send(response, draining ? 503 : 200, { status: draining ? "not ready" : "ready" })],
  ["/metrics", metrics],
]);

function answer(request, response) {
  const [path, query = ""] = request.url.split("?", 2);
  if (request.method === "POST" && path === "/api/digests") return withBody(request, response, sendDigests);
  if (request.method !== "GET" && request.method !== "HEAD") return send(response, 405, { error: "method not allowed" });
  if (path.startsWith("/api/items/")) return sendItem(response, path.slice("/api/items/".length), query);
  return (READ.get(path) ?? ((found) => send(found, 404, { error: "not found" })))(response);
}

const server = http.createServer(answer);
server.keepAliveTimeout = 75_000; // longer than the gateway keeps a connection: it is the one to close it

function leave(signal) {
  if (draining) process.exit(0);
  draining = true;
  log("info", "leaving", { signal, drain_ms: DRAIN_MS });
  setTimeout(() => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), LONGEST_GOODBYE_MS).unref();
  }, DRAIN_MS);
}

process.on("SIGTERM", leave);
process.on("SIGINT", leave);
server.on("error", (problem) => {
  log("critical", "cannot serve", { reason: problem.message });
  process.exit(1);
});
server.listen(PORT, "0.0.0.0", () => log("info", "serving", { port: server.address().port }));
