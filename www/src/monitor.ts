/** `downloadprogress` events as the Writing Assistance APIs define them. */

import type { CreateMonitor } from "./types";

/** Least milliseconds between two events that are neither the first nor the last. */
const PAUSE = 50;
/** `loaded` is floored to this fraction, so that it tells nothing finer about a cache. */
const GRAIN = 65536;

/** The object that `create({ monitor })` hands out. */
export class Monitor extends EventTarget implements CreateMonitor {
  #handler: CreateMonitor["ondownloadprogress"] = null;
  #last = -1;
  #at = -Infinity;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  get ondownloadprogress(): CreateMonitor["ondownloadprogress"] {
    return this.#handler;
  }

  set ondownloadprogress(handler: CreateMonitor["ondownloadprogress"]) {
    if (this.#handler) this.removeEventListener("downloadprogress", this.#handler as EventListener);
    this.#handler = typeof handler === "function" ? handler : null;
    if (this.#handler) this.addEventListener("downloadprogress", this.#handler as EventListener);
  }

  /** So much is here, 0 to 1. Both ends are always told, once each; the rest now and then. */
  tell(fraction: number): void {
    const loaded = Math.floor(Math.min(1, Math.max(0, fraction)) * GRAIN) / GRAIN;
    if (this.#last < 0 && loaded > 0) this.#fire(0);
    if (loaded <= this.#last) return;
    clearTimeout(this.#waiting);
    const pause = this.#at + PAUSE - performance.now();
    if (loaded === 0 || loaded === 1 || pause <= 0) this.#fire(loaded);
    // A download that stalls must not hide how far it came.
    else this.#waiting = setTimeout(() => this.#fire(loaded), pause);
  }

  /** No more is told: the creation is over. */
  end(): void {
    clearTimeout(this.#waiting);
  }

  #fire(loaded: number): void {
    this.#last = loaded;
    this.#at = performance.now();
    this.dispatchEvent(new ProgressEvent("downloadprogress", { lengthComputable: true, loaded, total: 1 }));
  }
}
