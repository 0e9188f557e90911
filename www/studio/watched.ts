/**
 * Stands in the studio's workers: tells the page of each request of the worker, and takes the means to make any away from it
 * when it is asked to. It speaks on a channel of its own, so that the worker's work does not notice.
 */
import type { FromWatched, ToWatched } from "./watch";

const channel = new BroadcastChannel(new URL(self.location.href).searchParams.get("watch") ?? "");
const tell = (message: FromWatched): void => channel.postMessage(message);

new PerformanceObserver((list) => {
  const requests = list.getEntries().map(({ name, startTime }) => ({ name, at: performance.timeOrigin + startTime }));
  tell({ kind: "requests", requests });
}).observe({ type: "resource", buffered: true });

/** Everything in a worker that can ask somebody, but for `import()`, which the policy of the worker's answer rules. */
const MEANS = ["fetch", "XMLHttpRequest", "WebSocket", "WebSocketStream", "WebTransport", "EventSource", "Worker"];

function seal(): void {
  const refuse = function (): never {
    throw new TypeError("airplane mode: this worker has no way to ask anybody");
  };
  for (const name of MEANS) {
    // `fetch` is its prototype's, from where it could be had again.
    for (let place: object | null = self; place; place = Object.getPrototypeOf(place) as object | null) {
      if (!Object.hasOwn(place, name)) continue;
      Object.defineProperty(place, name, { value: refuse, writable: false, configurable: false });
    }
  }
}

channel.onmessage = ({ data }: MessageEvent<ToWatched>): void => {
  if (data.kind === "seal") {
    seal();
    tell({ kind: "sealed" });
  } else {
    void Promise.resolve()
      // A request counts when its answer has come to its end.
      .then(async () => (await fetch(data.address)).text())
      .then(
        () => tell({ kind: "tried", refused: undefined }),
        (error: unknown) => tell({ kind: "tried", refused: String(error) }),
      );
  }
};
