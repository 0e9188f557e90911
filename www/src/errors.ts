/** Exceptions by the platform's names, and their way through a message: clones lose `requested` and `quota`. */

import type { Failure } from "./protocol";

/** An exception as plain data. */
export function failure(error: unknown): Failure {
  if (typeof error !== "object" || error === null) return { name: "OperationError", message: String(error) };
  const { name, message, requested, quota } = error as Partial<Failure>;
  return {
    name: name ?? "OperationError",
    message: message ?? String(error),
    ...(typeof requested === "number" && typeof quota === "number" ? { requested, quota } : {}),
  };
}

/** The exception that {@link failure} took apart. */
export function exception({ name, message, requested, quota }: Failure): Error {
  if (name === "TypeError") return new TypeError(message);
  if (name === "RangeError") return new RangeError(message);
  if (name === "QuotaExceededError" && requested !== undefined && quota !== undefined)
    return exceeded(message, requested, quota);
  return new DOMException(message, known.has(name) ? name : "OperationError");
}

/** The names that this package throws; anything else is a failure inside it. */
const known = new Set([
  "AbortError",
  "ConstraintError",
  "DataError",
  "InvalidStateError",
  "NetworkError",
  "NotSupportedError",
  "OperationError",
  "QuotaExceededError",
]);

/** `QuotaExceededError` is a class of its own in newer browsers (Web IDL, 2025), a name in older ones. */
function exceeded(message: string, requested: number, quota: number): Error {
  const { QuotaExceededError } = globalThis as { QuotaExceededError?: new (message: string, options: object) => Error };
  if (QuotaExceededError) return new QuotaExceededError(message, { requested, quota });
  const error = new DOMException(message, "QuotaExceededError");
  return Object.defineProperties(error, { requested: { value: requested }, quota: { value: quota } });
}
