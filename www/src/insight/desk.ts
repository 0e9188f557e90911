/** The page's side of the worker: one for all calls, begun by the first. */

import { fromElsewhere } from "../elsewhere";
import { exception } from "../errors";
import type { Failure } from "../protocol";

/** How to wait for an answer. */
export interface AskOptions {
  /**
   * Ends the wait. An analysis of posts, an index of entries and a ranking end in the worker, too; what else is begun runs to
   * its end there, unheard.
   */
  readonly signal?: AbortSignal;
}

/** How far a task is. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** A module: `insight` has `anonymise`, `restore` and `recommend`; `texts` has research, support and the measures. */
export type Part = "insight" | "texts";

/** A file of heads, and the vectors of the texts that they are to judge, one behind the other. */
export interface Judges {
  readonly heads: Uint8Array;
  readonly texts: readonly string[];
  readonly vectors: Float32Array;
}

/** What the worker can be asked for. */
export type Task =
  | "load"
  | "anonymise"
  | "restore"
  | "recommend"
  | "analyse"
  | "texts"
  | "heads"
  | "index"
  | "standalone"
  | "readable"
  | "intent"
  | "answer"
  | "brief"
  | "forget"
  | "measure";

/** To the worker: a question, or that nobody waits for its answer any more. */
export type Question =
  | { readonly id: number; readonly task: Task; readonly args: readonly unknown[] }
  | { readonly id: number; readonly abort: true };

/** From the worker. `broken`: its module is of no more use. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly progress: Progress }
  | { readonly id: number; readonly failure: Failure; readonly broken: boolean };

interface Call {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  readonly tell: ((progress: Progress) => void) | undefined;
}

let worker: Worker | undefined;
let workers = 0;
let last = 0;
const calls = new Map<number, Call>();

/** Which worker it is that has what was put there; undefined when there is none. */
export function present(): number | undefined {
  return worker && workers;
}

/** Asks the worker. */
export function ask<T>(
  task: Task,
  args: readonly unknown[],
  { signal }: AskOptions = {},
  tell?: (progress: Progress) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    signal?.throwIfAborted();
    const id = ++last;
    const question: Question = { id, task, args };
    try {
      (worker ??= begin()).postMessage(question);
    } catch (error) {
      throw new TypeError(`the input holds what is no data: ${error instanceof Error ? error.message : String(error)}`);
    }
    const abort = (): void => {
      calls.delete(id);
      worker?.postMessage({ id, abort: true } satisfies Question);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    const settle = <V>(end: (value: V) => void): ((value: V) => void) => {
      return (value) => {
        signal?.removeEventListener("abort", abort);
        end(value);
      };
    };
    calls.set(id, { resolve: settle(resolve), reject: settle(reject), tell });
  });
}

/** Ends the worker and gives its memory back. Calls that wait fail with an `AbortError`; a later one begins anew. */
export function unload(): void {
  end(new DOMException("the worker was ended by unload()", "AbortError"));
}

function begin(): Worker {
  const made =
    fromElsewhere(import.meta.url, "./insight-worker.js", "copywright-insight") ??
    new Worker(new URL("./insight-worker.js", import.meta.url), { type: "module", name: "copywright-insight" });
  workers++;
  made.onmessage = ({ data }: MessageEvent<Answer>): void => {
    const call = calls.get(data.id);
    if ("progress" in data) return call?.tell?.(data.progress);
    calls.delete(data.id);
    if ("value" in data) return call?.resolve(data.value as never);
    const error = exception(data.failure);
    call?.reject(error);
    if (data.broken) end(error);
  };
  made.onerror = (event): void => {
    event.preventDefault();
    const why = event.message ? `: ${event.message}` : "";
    end(new DOMException(`the worker could not be loaded or has failed${why}`, "NetworkError"));
  };
  return made;
}

function end(error: unknown): void {
  worker?.terminate();
  worker = undefined;
  for (const call of calls.values()) call.reject(error);
  calls.clear();
}
