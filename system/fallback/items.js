// The source of truth: every item is computed from its id, so that any process gives the same bytes for ever.
"use strict";

const { createHash } = require("node:crypto");

const LARGEST_ID = 5_000_000;
const LONGEST_HISTORY = 5_000;
const ADJECTIVES = ["amber", "brisk", "calm", "dense", "early", "faint", "grand", "hollow", "inner", "jagged"];
const NOUNS = ["anchor", "beacon", "cable", "dial", "engine", "filter", "gauge", "hinge", "ingot", "joint"];
const PLACES = ["north", "south", "east", "west", "harbour", "hill"];

/** A small generator of numbers (mulberry32): the same seed gives the same row. */
function numbersFrom(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** The item as an object; `historyRows` adds that many rows of price history. */
function item(id, historyRows = 0) {
  const next = numbersFrom(id);
  const pick = (words) => words[next(words.length)];
  const name = `${pick(ADJECTIVES)} ${pick(NOUNS)} ${id}`;
  const found = {
    id,
    name,
    sku: `UC-${String(id).padStart(8, "0")}-${next(97).toString().padStart(2, "0")}`,
    price_cents: 100 + next(250_000),
    stock: PLACES.map((place) => ({ place, count: next(500) })),
    description: Array.from({ length: 40 }, () => `${pick(ADJECTIVES)} ${pick(NOUNS)}`).join(", "),
  };
  if (historyRows > 0) {
    found.history = Array.from({ length: historyRows }, (_, day) => ({ day, price_cents: 100 + next(250_000) }));
  }
  return found;
}

/** The bytes users get, and their SHA-256 in hex. */
function rendered(id, historyRows = 0) {
  const body = Buffer.from(JSON.stringify(item(id, historyRows)));
  return { body, checksum: createHash("sha256").update(body).digest("hex") };
}

/** The id as a number, or null when there is no such item. */
function knownId(text) {
  return /^[0-9]{1,8}$/.test(text) && Number(text) > 0 && Number(text) <= LARGEST_ID ? Number(text) : null;
}

/** The wished number of history rows, held within bounds; anything else in a query is ignored. */
function historyRows(query) {
  const wished = Number(new URLSearchParams(query).get("history") ?? 0);
  return Number.isInteger(wished) ? Math.min(Math.max(wished, 0), LONGEST_HISTORY) : 0;
}

module.exports = { historyRows, item, knownId, rendered };
