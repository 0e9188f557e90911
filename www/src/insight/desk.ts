/** The page's side of the worker: one for all calls, begun by the first. */

import { fromElsewhere } from "../elsewhere";
import { exception } from "../errors";
import type { Failure } from "../protocol";

/** How to wait for an answer. */
export interface AskOptions {
  /** Ends the wait. What is begun runs to its end in the worker; nobody hears of it. */
  readonly signal?: AbortSignal;
}

/** What the worker can be asked for. */
export type Task = "load" | "anonymise" | "restore" | "recommend";

/** To the worker. */
export interface Question {
  readonly id: number;
  readonly task: Task;
  readonly args: readonly unknown[];
}

/** From the worker. `broken`: its module is of no more use. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure; readonly broken: boolean };

interface Call {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

let worker: Worker | undefined;
let last = 0;
const calls = new Map<number, Call>();

/** Asks the worker. */
export function ask<T>(task: Task, args: readonly unknown[], { signal }: AskOptions = {}): Promise<T> {
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
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    const settle = <V>(end: (value: V) => void): ((value: V) => void) => {
      return (value) => {
        signal?.removeEventListener("abort", abort);
        end(value);
      };
    };
    calls.set(id, { resolve: settle(resolve), reject: settle(reject) });
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
  made.onmessage = ({ data }: MessageEvent<Answer>): void => {
    const call = calls.get(data.id);
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
