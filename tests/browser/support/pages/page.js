/**
 * The page that tests work in: the package as any page would import it, and a few helpers as globals, since functions
 * that tests send here bring nothing along. `?from=/counted/pkg/` takes the package whose worker counts.
 */
const from = new URLSearchParams(location.search).get("from") ?? "/pkg/";

/** What nobody caught, in this page and, when they count, in its workers. */
globalThis.problems = [];
addEventListener("error", (event) => problems.push(`error: ${event.message}`));
addEventListener("unhandledrejection", (event) =>
  problems.push(`unhandled rejection: ${event.reason}`),
);
addEventListener("securitypolicyviolation", (event) =>
  problems.push(`policy: ${event.violatedDirective} ${event.blockedURI}`),
);

/** Workers that are alive, with those who wait for their answers. */
globalThis.workers = new Map();
if (from.startsWith("/counted/")) {
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      workers.set(this, new Set());
    }

    terminate() {
      for (const give of workers.get(this) ?? []) give(undefined);
      workers.delete(this);
      super.terminate();
    }
  };
}

/** Asks a worker's counter; undefined when it ended meanwhile. */
function ask(worker, question) {
  return new Promise((give) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => give(event.data);
    workers.get(worker)?.add(give);
    worker.postMessage({ counter: question }, [port2]);
  });
}

/** What the workers that are alive (or the newest few of them) asked of the GPU since they began, added up. */
globalThis.totals = async (newest = workers.size) => {
  const all = await Promise.all(
    [...workers.keys()]
      .slice(workers.size - newest)
      .map((worker) => ask(worker, "totals")),
  );
  const sum = { problems: [] };
  for (const { problems: found, ...counts } of all.filter(Boolean)) {
    for (const [name, count] of Object.entries(counts))
      sum[name] = (sum[name] ?? 0) + count;
    sum.problems.push(...found);
  }
  return sum;
};

/** What was written to GPU buffers since the last call, as lists of u32; the first call begins to record. */
globalThis.uploads = async () => {
  const all = await Promise.all(
    [...workers.keys()].map((worker) => ask(worker, "uploads")),
  );
  return all.filter(Boolean).flat();
};

/** Takes the GPU away from all workers, as a driver's reset would. */
globalThis.lose = () =>
  Promise.all([...workers.keys()].map((worker) => ask(worker, "lose")));

/** All pieces of a stream. */
globalThis.read = async (stream) => {
  const pieces = [];
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return pieces;
    pieces.push(value);
  }
};

/** What a call throws or rejects with, as data; `{ name: "nothing" }` when it succeeds. */
globalThis.caught = async (work) => {
  try {
    const value = await work();
    return { name: "nothing", message: `it gave ${JSON.stringify(value)}` };
  } catch (error) {
    const { name, message, requested, quota } = error ?? {};
    return {
      name: name ?? typeof error,
      message: message ?? String(error),
      requested,
      quota,
      isError: error instanceof Error,
    };
  }
};

/** Waits until something holds; bounded, so that a test that hangs says what for. */
globalThis.until = async (what, holds) => {
  for (let tries = 0; tries < 6000; tries++) {
    const value = await holds();
    if (value) return value;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`never came: ${what}`);
};

/**
 * Does some work until a round of it has no long task of the page, three times at most: what the machine does besides may make a
 * task long, but not each time. Gives the long tasks of each round, and how many were seen of one that was made (Firefox has no
 * such entries, `observed` is false).
 */
globalThis.calmly = async (work) => {
  const observed = PerformanceObserver.supportedEntryTypes.includes("longtask");
  const long = [];
  const observer =
    observed &&
    new PerformanceObserver((list) => long.push(...list.getEntries()));
  observer?.observe?.({ entryTypes: ["longtask"] });
  await new Promise((done) =>
    setTimeout(() => {
      const end = performance.now() + 120;
      while (performance.now() < end);
      done();
    }),
  );
  if (observed) await until("a long task", () => long.length > 0);
  const proof = long.length;
  const counts = [];
  for (let tries = 0; tries < 3 && !counts.includes(0); tries++) {
    long.length = 0;
    await work();
    await new Promise((done) => setTimeout(done, 200));
    counts.push(long.length);
  }
  return { observed, proof, counts };
};

/** What workers say that are made from now on. */
globalThis.overheard = () => {
  const said = [];
  globalThis.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => said.push(data));
    }
  };
  return said;
};

/** A brief to write about. */
globalThis.brief = {
  format: "product-blurb",
  name: "Lumen Arc",
  category: "desk lamp",
  features: ["dims with a tap", "folds flat"],
  tone: "warm",
};

const { Copywright, Embedder } = await import(`${from}index.js`);

// Most tests look at how texts come, and cut them short: they write without the brief's rules unless they say otherwise.
const { variants } = Copywright.prototype;
Copywright.prototype.variants = function (input, options) {
  return variants.call(this, input, { unconstrained: true, ...options });
};
Object.assign(globalThis, { Copywright, Embedder });
