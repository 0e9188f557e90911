/** The worker: it owns the engine, and does one call after the other. */

import { failure } from "./errors";
import { Machine } from "./machine";
import type { FromWorker, ToWorker, Work } from "./protocol";
import { Queue } from "./queue";

/** What of a worker's global scope is used here (the DOM's types know only windows). */
const scope = self as unknown as {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
  close(): void;
};

/** Most milliseconds in which downloads that were given up may come to their end. */
const LAST_WORDS = 800;

let machine: Machine | undefined;
let opening: Promise<void> | undefined;
/** Ends with the worker, and ends its downloads. */
const life = new AbortController();
const queue = new Queue();

scope.onmessage = ({ data }): void => {
  switch (data.type) {
    case "open":
      opening = Machine.open(data.options, data.checked, life.signal, (loaded) =>
        scope.postMessage({ type: "progress", loaded }),
      ).then(
        (made) => {
          machine = made;
          scope.postMessage({ type: "ready", ready: made.ready });
        },
        (error: unknown) => scope.postMessage({ type: "failed", failure: failure(error) }),
      );
      break;
    case "call":
      call(data.id, data.client, data.work);
      break;
    case "cancel":
      queue.cancel(data.id);
      break;
    case "close":
      life.abort();
      machine?.close();
      // Not at once: downloads that are given up get the time to end.
      void Promise.race([opening, new Promise((end) => setTimeout(end, LAST_WORDS))]).then(() => scope.close());
      break;
  }
};

function call(id: number, client: number, work: Work): void {
  const run = async (signal: AbortSignal): Promise<void> => {
    try {
      if (!machine) throw new DOMException("the engine is not ready", "InvalidStateError");
      const value = await machine.run(work, signal, (delta) => {
        // What arrives after an abort is nobody's any more.
        if (!signal.aborted) scope.postMessage({ type: "delta", id, delta });
      });
      scope.postMessage({ type: "done", id, value });
    } catch (error) {
      scope.postMessage({ type: "error", id, failure: failure(error) });
      if (machine?.broken) scope.postMessage({ type: "failed", failure: failure(error) });
    }
  };
  queue.add({ id, client, run });
}
