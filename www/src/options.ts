/** The options of `create()` and `availability()`: checked as Web IDL would, and made whole. */

import type { EngineOptions } from "./protocol";
import { FORMATS, TONES, type CoreOptions, type CreateOptions } from "./types";

/** The part that decides which engine is used. */
export function engineOptions(options: CoreOptions): EngineOptions {
  const { model, precision = "auto", quantize = "none", powerPreference, maxGpuBytes } = options;
  among("precision", precision, ["auto", "f32", "f16"]);
  among("quantize", quantize, ["none", "q8", "q4"]);
  if (powerPreference !== undefined) among("powerPreference", powerPreference, ["low-power", "high-performance"]);
  if (maxGpuBytes !== undefined && !(Number.isSafeInteger(maxGpuBytes) && maxGpuBytes > 0)) {
    throw new TypeError(`maxGpuBytes: ${String(maxGpuBytes)} is not a whole number above 0`);
  }
  return { model: folder(model), precision, quantize, powerPreference, maxGpuBytes };
}

/** The part that is a writer's own. */
export function checkWriter({ tone, format, sharedContext, monitor, signal, language }: CreateOptions): void {
  if (tone !== undefined) among("tone", tone, TONES);
  if (format !== undefined) among("format", format, FORMATS);
  if (sharedContext !== undefined && (typeof sharedContext !== "object" || sharedContext === null)) {
    throw new TypeError("sharedContext is not an object");
  }
  if (monitor !== undefined && typeof monitor !== "function") throw new TypeError("monitor is not a function");
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError("signal is not an AbortSignal");
  if (language !== undefined) canonical(language);
}

/** The primary subtag of a BCP-47 tag. A malformed tag is a RangeError, as in the Writing Assistance APIs. */
export function canonical(tag: string): string {
  const [first = ""] = Intl.getCanonicalLocales(tag);
  return first.split("-", 1)[0] ?? first;
}

/** Whether a model that declares `languages` writes `asked`. */
export function writes(languages: readonly string[], asked: string | undefined): boolean {
  return asked === undefined || languages.some((language) => canonical(language) === canonical(asked));
}

function among(field: string, value: unknown, allowed: readonly string[]): void {
  if (typeof value === "string" && allowed.includes(value)) return;
  throw new TypeError(`${field}: ${JSON.stringify(value)} is not one of ${allowed.join(", ")}`);
}

/** Absolute, ending with a slash, so that file names can be added. */
function folder(model: string | URL | undefined): string {
  if (model === undefined) return new URL("./models/default/", import.meta.url).href;
  let url: URL;
  try {
    url = new URL(model, document.baseURI);
  } catch {
    throw new TypeError(`model: ${String(model)} is no address`);
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  url.hash = "";
  return url.href;
}
