/**
 * Stands beside the engine's worker in the studio: tells the page of each request of that worker, and takes the means to make
 * any away from it when it is asked to. The engine ignores these messages.
 */
import "../src/worker";
import type { FromWatched, ToWatched } from "./watch";

const scope = self as unknown as {
  postMessage(message: FromWatched): void;
  addEventListener(type: "message", listener: (event: MessageEvent<Partial<ToWatched>>) => void): void;
};

new PerformanceObserver((list) => {
  const requests = list.getEntries().map(({ name, startTime }) => ({ name, at: performance.timeOrigin + startTime }));
  scope.postMessage({ studio: "requests", requests });
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

scope.addEventListener("message", ({ data }) => {
  if (data.studio === "seal") {
    seal();
    scope.postMessage({ studio: "sealed" });
  } else if (data.studio === "try") {
    void Promise.resolve()
      .then(() => fetch(data.address ?? ""))
      .then(
        () => scope.postMessage({ studio: "tried", refused: undefined }),
        (error: unknown) => scope.postMessage({ studio: "tried", refused: String(error) }),
      );
  }
});
