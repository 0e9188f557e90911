/** What JavaScript writes in several ways. */

import type { Event, Time } from "./types";

/** Milliseconds since 1970. */
export function time(value: Time, field: string): number {
  const at = typeof value === "number" ? value : value instanceof Date ? value.getTime() : Date.parse(String(value));
  if (!Number.isFinite(at)) throw new TypeError(`${field} is no time`);
  return at;
}

/** An entry of a history, as the module takes it. */
export function entry(event: Event, i: number): object {
  return { ...event, at: time(event.at, `history[${i}].at`) };
}
