/**
 * The page that tests of the element work in: elements as the tests write them, their events, and what moved. The element
 * is defined by `define()`, so that tests can do things before; `?from=` names the package.
 */
const from = new URLSearchParams(location.search).get("from") ?? "/pkg/";

/** What nobody caught. */
globalThis.problems = [];
addEventListener("error", (event) => problems.push(`error: ${event.message}`));
addEventListener("unhandledrejection", (event) =>
  problems.push(`unhandled rejection: ${event.reason}`),
);

/** Every event of every element: its type, the element's id, its detail as data. */
globalThis.heard = [];
for (const type of ["progress", "variant", "beforeswap", "ready", "fallback"]) {
  addEventListener(`copy-${type}`, ({ target, detail, type: name }) =>
    heard.push({ type: name, id: target.id, detail: structuredClone(detail) }),
  );
}

/** The sum of layout shifts, as the platform counts them; undefined where it does not. */
globalThis.shift = PerformanceObserver.supportedEntryTypes.includes(
  "layout-shift",
)
  ? 0
  : undefined;
if (shift === 0) {
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) shift += value;
  }).observe({ type: "layout-shift", buffered: true });
}

/** Defines the element. */
globalThis.define = async () =>
  Object.assign(globalThis, await import(`${from}element.js`));

/** Puts HTML on the page. */
globalThis.lay = (html) => {
  heard.length = 0;
  document.querySelector("main").innerHTML = html;
};

globalThis.by = (id) => document.getElementById(id);

/** Waits until something holds. */
globalThis.until = async (what, holds) => {
  for (let tries = 0; tries < 6000; tries++) {
    if (holds()) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`never came: ${what}`);
};

/** Frames that were painted since. */
globalThis.painted = async (frames = 3) => {
  for (let i = 0; i < frames; i++) await new Promise(requestAnimationFrame);
};

/** Waits for the end of an element: its `copy-ready` or `copy-fallback`. */
globalThis.ended = async (id, count = 1) => {
  for (let tries = 0; tries < 12000; tries++) {
    const ends = heard.filter(
      (each) => each.id === id && /ready|fallback/.test(each.type),
    );
    if (ends.length >= count) return ends[count - 1];
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`${id} never ended`);
};

/**
 * In place of the package's worker, one that answers at once: `answer(work)` gives the texts of a call, or throws. What
 * was asked is in `asked`. For what is decided outside of the engine; the engine itself is tested with the real one.
 */
globalThis.pretend = (answer) => {
  globalThis.asked = [];
  globalThis.Worker = class {
    postMessage(message) {
      asked.push(message);
      const tell = (data) => queueMicrotask(() => this.onmessage({ data }));
      const adapter = {
        name: "none",
        vendor: "",
        architecture: "",
        backend: "",
        software: true,
        f16: false,
      };
      const model = {
        name: "pretended",
        version: "1",
        languages: ["en"],
        chat: false,
      };
      const encoder = { dimensions: 0, maxTokens: 0 };
      if (message.type === "open")
        tell({
          type: "ready",
          ready: { adapter, model, inputQuota: 100, encoder },
        });
      if (message.type !== "call") return;
      const { n, seed = 1 } = message.work.options;
      const copy = (text, i) => ({
        text,
        checks: [{ rule: "length", pass: true, detail: "", spans: [] }],
        seed: seed + i,
        model: "pretended@1",
      });
      try {
        tell({
          type: "done",
          id: message.id,
          value: { copies: answer(message.work, n).map(copy), missing: [] },
        });
      } catch ({ name, message: why }) {
        tell({
          type: "error",
          id: message.id,
          failure: { name, message: why },
        });
      }
    }
    terminate() {}
  };
};
