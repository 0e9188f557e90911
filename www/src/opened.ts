/** The way to an engine that is ready, for writers and embedders alike. */

import { Host } from "./host";
import { Monitor } from "./monitor";
import type { EngineOptions, Ready } from "./protocol";
import type { CreateMonitor } from "./types";

/** How to wait for it. */
interface Waiting {
  readonly signal?: AbortSignal;
  readonly monitor?: (monitor: CreateMonitor) => void;
}

/** What `make` makes of the engine's host once it is ready and `check` finds nothing wrong; it holds the host then. */
export async function opened<T>(
  engine: EngineOptions,
  { signal, monitor: listen }: Waiting,
  check: (ready: Ready) => void,
  make: (host: Host, ready: Ready) => T,
): Promise<T> {
  signal?.throwIfAborted();
  const monitor = new Monitor();
  listen?.(monitor);
  if (engine.storage !== "none" && !engine.model.local) persist();
  const host = Host.acquire(engine);
  const listener = (loaded: number): void => monitor.tell(loaded);
  host.listeners.add(listener);
  try {
    monitor.tell(host.loaded);
    const ready = await unlessAborted(host.ready, signal);
    check(ready);
    monitor.tell(1);
    // A listener may just have thought better of it.
    signal?.throwIfAborted();
    return make(host, ready);
  } catch (error) {
    host.release();
    throw error;
  } finally {
    host.listeners.delete(listener);
    monitor.end();
  }
}

let asked = false;

/** Asks once that the browser does not clear away what is kept. The visitor may refuse, or take time: no matter. */
function persist(): void {
  if (asked) return;
  asked = true;
  void navigator.storage?.persist?.().catch(() => undefined);
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
