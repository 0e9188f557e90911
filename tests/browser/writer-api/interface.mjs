/** The interface itself, and what `availability()` says. Rows as in `../writer-api.test.mjs`. */
export default [
  [
    "Writer",
    "cannot be constructed",
    async () => (await caught(() => new Copywright())).name,
    "TypeError",
  ],
  [
    "Writer",
    "has the operations and attributes of the interface",
    () => [
      ...["create", "availability"].map((name) => typeof Copywright[name]),
      ...["write", "writeStreaming", "measureInputUsage", "destroy"].map(
        (name) => typeof writer[name],
      ),
      ...["sharedContext", "tone", "format", "inputQuota"].map(
        (name) => name in writer,
      ),
    ],
    [...Array(6).fill("function"), ...Array(4).fill(true)],
  ],
  [
    "Writer",
    "its attributes are read-only",
    async () => {
      const names = ["sharedContext", "tone", "format", "inputQuota"];
      const errors = [];
      for (const name of names)
        errors.push(
          (
            await caught(() => {
              "use strict";
              writer[name] = "other";
            })
          ).name,
        );
      return [errors, names.some((name) => writer[name] === "other")];
    },
    [Array(4).fill("TypeError"), false],
  ],
  [
    "Writer",
    "attributes have their defaults",
    () => [writer.tone, writer.format ?? null, writer.sharedContext],
    ["plain", null, {}],
  ],
  [
    "Writer",
    "attributes say what create() was told, and keep it",
    async () => {
      const sharedContext = { brand: "Ilo", features: ["folds flat"] };
      const told = { tone: "bold", format: "push", sharedContext };
      const own = await Copywright.create({ model: MODEL, ...told });
      sharedContext.brand = "Other";
      sharedContext.features.push("sings");
      const said = [own.tone, own.format, own.sharedContext];
      own.destroy();
      return said;
    },
    ["bold", "push", { brand: "Ilo", features: ["folds flat"] }],
  ],
  [
    "availability()",
    "returns a promise of one of four strings",
    async () => {
      const promise = Copywright.availability({ model: "/m/conform-1/" });
      const four = ["unavailable", "downloadable", "downloading", "available"];
      return [promise instanceof Promise, four.includes(await promise)];
    },
    [true, true],
  ],
  [
    "availability()",
    "what is not here is downloadable, and asking fetches nothing and starts nothing",
    async () => {
      const { fetch, Worker } = globalThis;
      const asked = [];
      globalThis.fetch = (...args) => {
        asked.push(String(args[0]));
        return fetch(...args);
      };
      globalThis.Worker = class extends Worker {
        constructor(...args) {
          super(...args);
          asked.push("a worker");
        }
      };
      try {
        const said = await Copywright.availability({ model: "/m/conform-2/" });
        return [said, asked];
      } finally {
        Object.assign(globalThis, { fetch, Worker });
      }
    },
    ["downloadable", []],
  ],
  [
    "availability()",
    "what is on its way is downloading, what was given up is downloadable again",
    async () => {
      const model = "/m/conform-3/";
      const controller = new AbortController();
      const { signal } = controller;
      const creation = caught(() => Copywright.create({ model, signal }));
      const during = await Copywright.availability({ model });
      controller.abort();
      await creation;
      return [during, await Copywright.availability({ model })];
    },
    ["downloading", "downloadable"],
  ],
  [
    "availability()",
    "what is ready is available",
    () => Copywright.availability({ model: MODEL }),
    "available",
  ],
  [
    "availability()",
    "the least of model and language counts; a tag matches its language, however it is written",
    async () => {
      const ask = (language) =>
        Copywright.availability({ model: MODEL, language });
      return [await ask("de"), await ask("en-GB"), await ask("EN-us")];
    },
    ["unavailable", "available", "available"],
  ],
  [
    "availability()",
    "members that nobody knows are ignored, and undefined is absent",
    () =>
      Copywright.availability({
        model: MODEL,
        tone: undefined,
        language: undefined,
        noSuchMember: 1,
      }),
    "available",
  ],
  [
    "availability()",
    "a malformed language tag rejects with a RangeError",
    async () => {
      const promise = Copywright.availability({ language: "not a tag" });
      return [promise instanceof Promise, (await caught(() => promise)).name];
    },
    [true, "RangeError"],
  ],
  [
    "availability()",
    "a value that an enumeration does not have rejects with a TypeError",
    async () => {
      const promise = Copywright.availability({ tone: "loud" });
      return [promise instanceof Promise, (await caught(() => promise)).name];
    },
    [true, "TypeError"],
  ],
];
