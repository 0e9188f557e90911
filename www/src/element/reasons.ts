/** Why a text did not come, in one word. */

import type { Reason } from "./types";

/** Thrown where the reason is known. */
export class Fallback extends Error {
  constructor(
    readonly reason: Reason,
    message: string = reason,
  ) {
    super(message);
    this.name = "Fallback";
  }
}

const NAMES: Readonly<Record<string, Reason>> = {
  ConstraintError: "checks",
  DataError: "damaged",
  OperationError: "gpu",
  InvalidStateError: "gpu",
  QuotaExceededError: "quota",
  TimeoutError: "timeout",
  TypeError: "brief",
  RangeError: "brief",
  NotSupportedError: "unsupported",
};

/** The reason of whatever was thrown. */
export function reasonOf(error: unknown): Reason {
  if (error instanceof Fallback) return error.reason;
  const { name = "", message = "" } = (error ?? {}) as Partial<Error>;
  if (/Content-Security-Policy/.test(message)) return "csp";
  if (name === "NetworkError") return navigator.onLine ? "network" : "offline";
  return NAMES[name] ?? "failed";
}

/** The reason, and for a mistake of the page's own what is wrong, where its author looks. */
export function explain(error: unknown): Reason {
  const reason = reasonOf(error);
  if (reason === "brief" || reason === "failed") console.warn(`<copy-wright>: ${String(error)}`);
  return reason;
}
