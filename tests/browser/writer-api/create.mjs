/** `create()` and the monitor that it hands out. Rows as in `../writer-api.test.mjs`. */
export default [
  [
    "create()",
    "returns a promise, of a writer",
    () => [first.isPromise, writer instanceof Copywright],
    [true, true],
  ],
  [
    "create()",
    "a signal that is aborted rejects with its very reason, and no monitor is called",
    async () => {
      let called = false;
      const monitor = () => (called = true);
      const options = { model: MODEL, signal: gone(), monitor };
      const promise = Copywright.create(options);
      return [
        promise instanceof Promise,
        await sameReason(() => promise),
        called,
      ];
    },
    [true, true, false],
  ],
  [
    "create()",
    "the reason of an aborted signal comes before a malformed language, a bad value before the reason",
    async () => {
      const create = (options) =>
        Copywright.create({ model: MODEL, signal: gone(), ...options });
      const bad = await caught(() => create({ tone: "loud" }));
      return [
        await sameReason(() => create({ language: "not a tag" })),
        bad.name,
      ];
    },
    [true, "TypeError"],
  ],
  [
    "create()",
    "a signal that is aborted meanwhile rejects with its reason",
    async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const model = "/m/conform-4/";
      const creation = sameReason(() => Copywright.create({ model, signal }));
      await Copywright.availability({ model: MODEL });
      controller.abort(REASON);
      return creation;
    },
    true,
  ],
  [
    "create()",
    "without a reason that is an AbortError",
    async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const model = "/m/conform-5/";
      const creation = caught(() => Copywright.create({ model, signal }));
      controller.abort();
      return (await creation).name;
    },
    "AbortError",
  ],
  [
    "create()",
    "afterwards its signal destroys the writer: what waits fails with the reason",
    async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const own = await Copywright.create({ model: MODEL, signal });
      const waits = sameReason(() => own.write(brief, LONG));
      controller.abort(REASON);
      return [await waits, (await caught(() => own.write(brief))).name];
    },
    [true, "InvalidStateError"],
  ],
  [
    "create()",
    "bad values reject with a TypeError, and no monitor is called",
    async () => {
      let called = false;
      const monitor = () => (called = true);
      const names = [];
      for (const bad of [
        { tone: "loud" },
        { format: "haiku" },
        { sharedContext: 7 },
        { signal: {} },
      ])
        names.push(
          (await caught(() => Copywright.create({ monitor, ...bad }))).name,
        );
      names.push((await caught(() => Copywright.create({ monitor: 7 }))).name);
      return [names, called];
    },
    [Array(5).fill("TypeError"), false],
  ],
  [
    "create()",
    "a malformed language tag rejects with a RangeError",
    async () =>
      (await caught(() => Copywright.create({ language: "not a tag" }))).name,
    "RangeError",
  ],
  [
    "create()",
    "what is unavailable rejects with a NotSupportedError",
    async () => {
      const options = { model: MODEL, language: "de" };
      const { name, isError } = await caught(() => Copywright.create(options));
      return [name, isError];
    },
    ["NotSupportedError", true],
  ],
  [
    "create()",
    "a download that fails rejects with a NetworkError, and the next one begins anew",
    async () => {
      const model = "/nowhere/";
      const { name } = await caught(() => Copywright.create({ model }));
      return [name, await Copywright.availability({ model })];
    },
    ["NetworkError", "downloadable"],
  ],
  [
    "create()",
    "two at once are two writers",
    async () => {
      const create = () => Copywright.create({ model: MODEL });
      const [a, b] = await Promise.all([create(), create()]);
      a.destroy();
      const text = await b.write(brief, OPTIONS);
      b.destroy();
      return [a !== b, text === usual];
    },
    [true, true],
  ],
  [
    "CreateMonitor",
    "the callback is called once, during create(), with an EventTarget alone",
    () => [
      first.callsAtOnce,
      first.calls.length,
      first.calls[0].length,
      first.calls[0][0] instanceof EventTarget,
    ],
    [1, 1, 1, true],
  ],
  [
    "CreateMonitor",
    "what the callback throws rejects create(), as it is",
    () =>
      sameReason(() =>
        Copywright.create({
          model: "/m/conform-6/",
          monitor() {
            throw REASON;
          },
        }),
      ),
    true,
  ],
  [
    "downloadprogress",
    "events are ProgressEvents of that type, that do not bubble and cannot be cancelled",
    () =>
      first.events.every(
        ({ event }) =>
          event instanceof ProgressEvent &&
          event.type === "downloadprogress" &&
          !event.bubbles &&
          !event.cancelable,
      ),
    true,
  ],
  [
    "downloadprogress",
    "loaded is 0 first, 1 last, and only grows",
    () => {
      const loaded = first.events.map(({ event }) => event.loaded);
      const grows = loaded.every(
        (value, i) => i === 0 || value > loaded[i - 1],
      );
      return [loaded[0], loaded.at(-1), grows, loaded.length > 2];
    },
    [0, 1, true, true],
  ],
  [
    "downloadprogress",
    "total is 1, and the length computable",
    () =>
      first.events.every(
        ({ event }) => event.total === 1 && event.lengthComputable,
      ),
    true,
  ],
  [
    "downloadprogress",
    "loaded is floored to 1/65536",
    () =>
      first.events.every(({ event }) => Number.isInteger(event.loaded * 65536)),
    true,
  ],
  [
    "downloadprogress",
    "between the ends 50 ms pass from one to the next",
    () => {
      const at = first.events.map(({ at }) => at);
      // A timer may be a little early, as the page's clock is coarse.
      return at.slice(1, -1).every((time, i) => i === 0 || time - at[i] > 48);
    },
    true,
  ],
  [
    "downloadprogress",
    "all of them come before the promise resolves",
    () => first.events.some(({ late }) => late),
    false,
  ],
  [
    "downloadprogress",
    "0 and 1 come where nothing is fetched, once each",
    async () => {
      const loaded = [];
      const own = await Copywright.create({
        model: MODEL,
        monitor(m) {
          m.addEventListener("downloadprogress", (e) => loaded.push(e.loaded));
        },
      });
      own.destroy();
      return loaded;
    },
    [0, 1],
  ],
  [
    "downloadprogress",
    "a listener that aborts at the last one rejects create()",
    async () => {
      const controller = new AbortController();
      return sameReason(() =>
        Copywright.create({
          model: MODEL,
          signal: controller.signal,
          monitor(m) {
            m.addEventListener("downloadprogress", ({ loaded }) => {
              if (loaded === 1) controller.abort(REASON);
            });
          },
        }),
      );
    },
    true,
  ],
  [
    "ondownloadprogress",
    "is null at first; the handler that was set last is called each time, on the monitor",
    () => [
      first.unset,
      first.handled.length === first.events.length,
      first.handled.every((value) => value === true),
    ],
    [null, true, true],
  ],
  [
    "ondownloadprogress",
    "what is no function sets it to null",
    async () => {
      const set = [];
      let heard = 0;
      const own = await Copywright.create({
        model: MODEL,
        monitor(m) {
          m.ondownloadprogress = () => (heard += 1);
          set.push(typeof m.ondownloadprogress);
          m.ondownloadprogress = "text";
          set.push(m.ondownloadprogress);
        },
      });
      own.destroy();
      return [set, heard];
    },
    [["function", null], 0],
  ],
];
