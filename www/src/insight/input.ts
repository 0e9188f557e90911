/** What JavaScript writes in several ways, and what is too much. */

import { exception } from "../errors";
import type { Event, Time } from "./types";

/** Most UTF-16 units of all texts of one call. */
export const MOST_UNITS = 2 ** 24;

/** Milliseconds since 1970. */
export function time(value: Time, field: string): number {
  const at = typeof value === "number" ? value : value instanceof Date ? value.getTime() : Date.parse(String(value));
  if (!Number.isFinite(at)) throw new TypeError(`${field} is no time`);
  return at;
}

/** A day as `2026-11-29`, in UTC where a time says it. Strings pass as they are: the module reads them. */
export function day(value: Time, field: string): string {
  if (typeof value === "string") return value;
  const at = new Date(time(value, field));
  if (Number.isNaN(at.getTime())) throw new TypeError(`${field} is no time`);
  return at.toISOString().slice(0, 10);
}

/** An entry of a history, as the module takes it. */
export function entry(event: Event, i: number): object {
  return { ...event, at: time(event.at, `history[${i}].at`) };
}

/** A text. What is none is no other's fault than the caller's. */
export function text(value: unknown, field: string): string {
  if (typeof value !== "string") throw new TypeError(`${field} is not a string`);
  return value;
}

/** Texts. */
export function texts(values: unknown, field: string): string[] {
  if (!Array.isArray(values)) throw new TypeError(`${field} is not an array`);
  return within(
    field,
    values.map((value, i) => text(value, `${field}[${i}]`)),
  );
}

/** The same texts, unless they are more than a worker should hold. */
export function within<T extends readonly string[]>(field: string, values: T): T {
  const requested = values.reduce((sum, { length }) => sum + length, 0);
  if (requested <= MOST_UNITS) return values;
  const message = `${field}: ${requested} UTF-16 units, ${MOST_UNITS} at most`;
  throw exception({ name: "QuotaExceededError", message, requested, quota: MOST_UNITS });
}

/** A whole number of a range. */
export function whole(value: unknown, field: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most)
    throw new TypeError(`${field}: ${String(value)} is not a whole number from ${least} to ${most}`);
  return value as number;
}
