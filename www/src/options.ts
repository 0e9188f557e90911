/** The options of `create()` and `availability()`: checked as Web IDL would, and made whole. */

import { modelFiles } from "../generated/model";
import type { EngineOptions, ModelSource } from "./protocol";
import { isGguf } from "./source";
import { FORMATS, TONES, type CoreOptions, type CreateOptions, type Manifest } from "./types";

/** The part that decides which engine is used. */
export function engineOptions(options: CoreOptions): EngineOptions {
  const {
    precision = "auto",
    quantize = "none",
    powerPreference,
    storage = "none",
    stallTimeout = 30_000,
    maxGpuBytes,
  } = options;
  among("precision", precision, ["auto", "f32", "f16"]);
  among("quantize", quantize, ["none", "q8", "q4"]);
  if (powerPreference !== undefined) among("powerPreference", powerPreference, ["low-power", "high-performance"]);
  among("storage", storage, ["none", "opfs", "cache", "auto"]);
  if (!(typeof stallTimeout === "number" && stallTimeout > 0 && stallTimeout < 2 ** 31)) {
    throw new TypeError("stallTimeout is no number of milliseconds above 0");
  }
  if (maxGpuBytes !== undefined && !(Number.isSafeInteger(maxGpuBytes) && maxGpuBytes > 0)) {
    throw new TypeError(`maxGpuBytes: ${String(maxGpuBytes)} is not a whole number above 0`);
  }
  return { model: modelSource(options), storage, stallTimeout, precision, quantize, powerPreference, maxGpuBytes };
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
  // Web IDL turns values into types first, then the call begins: only there are tags of languages looked at.
  signal?.throwIfAborted();
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

/** Numbers of files and folders on the visitor's disk, which have no address to be known by. */
const numbers = new WeakMap<object, number>();
let last = 0;

/** Where the model comes from, whatever it was given as. */
export function modelSource({ model, base, mirrors = [] }: CoreOptions): ModelSource {
  const root = base === undefined ? document.baseURI : split(address("base", base, document.baseURI)).folder;
  if (!Array.isArray(mirrors)) throw new TypeError("mirrors is not an array");
  const others = (mirrors as (string | URL)[]).map((each) => split(address("mirrors", each, root)).folder);
  const made = (key: string, first: string, rest: Partial<ModelSource> = {}): ModelSource => {
    const name = decodeURI(new URL(first).pathname).replace(/^\/|\/$/g, "");
    const folders = [...new Set([first, ...others])];
    return { key, name, folders, files: undefined, file: undefined, manifest: undefined, local: undefined, ...rest };
  };
  if (model === undefined) {
    // Some bundlers (Next.js) leave addresses without an origin.
    const whole = Object.entries(modelFiles()).map(([name, at]) => [name, new URL(at, document.baseURI).href]);
    const files = Object.fromEntries(whole) as Record<string, string>;
    const own = new URL(".", files["manifest.json"]).href;
    return made(own, own, { files });
  }
  if (typeof model === "string" || model instanceof URL) {
    const { folder, file } = split(address("model", model, root));
    return made(folder + (file ?? ""), folder, { file });
  }
  const picked = model instanceof File || (globalThis.FileSystemHandle && model instanceof FileSystemHandle);
  if (picked) {
    const number = numbers.get(model) ?? ++last;
    numbers.set(model, number);
    const file = model instanceof File || model.kind === "file" ? model.name : undefined;
    if (file !== undefined && !isGguf(file)) throw new TypeError(`model: ${file} is no GGUF file`);
    return { ...made(`local:${number}`, root, { file, local: model }), name: model.name, folders: [] };
  }
  if (!Array.isArray((model as Partial<Manifest> | null)?.files)) {
    throw new TypeError("model is no address, file, handle or manifest");
  }
  const folder = base === undefined ? new URL(".", root).href : root;
  return made(folder, folder, { manifest: JSON.stringify(model) });
}

function address(field: string, value: unknown, root: string): URL {
  try {
    return new URL(value as string | URL, root);
  } catch {
    throw new TypeError(`${field}: ${String(value)} is no address`);
  }
}

/** A folder, with a slash at the end of its path so that names can be added, and the GGUF file in it that was meant. */
function split(url: URL): { readonly folder: string; readonly file: string | undefined } {
  url.hash = "";
  const file = isGguf(url.pathname) ? url.pathname.slice(url.pathname.lastIndexOf("/") + 1) : undefined;
  if (file !== undefined) url.pathname = url.pathname.slice(0, -file.length);
  else if (!url.pathname.endsWith("/")) url.pathname += "/";
  return { folder: url.href, file };
}
