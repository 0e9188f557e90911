/** `write()`: texts, and how calls end. Rows as in `../writer-api.test.mjs`. */
export default [
  [
    "write()",
    "returns a promise of a string",
    async () => {
      const promise = writer.write(brief, OPTIONS);
      const text = await promise;
      return [promise instanceof Promise, typeof text, text.length > 0];
    },
    [true, "string", true],
  ],
  [
    "write()",
    "takes a text",
    async () => {
      const text = await writer.write("Lumen Arc: folds flat", OPTIONS);
      return text.length > 0;
    },
    true,
  ],
  [
    "write()",
    "an empty input gives an empty string, and so does one of spaces",
    async () => [await writer.write(""), await writer.write(" \n")],
    ["", ""],
  ],
  [
    "write()",
    "calls share nothing: what was written before, or for others, changes no text",
    async () => {
      await writer.write({ ...brief, name: "Halden", tone: "bold" }, OPTIONS);
      return (await writer.write(brief, OPTIONS)) === usual;
    },
    true,
  ],
  [
    "write()",
    "calls at once give what each gives alone",
    async () => {
      const other = { ...brief, name: "Halden" };
      const alone = await writer.write(other, OPTIONS);
      const both = [writer.write(brief, OPTIONS), writer.write(other, OPTIONS)];
      const texts = await Promise.all(both);
      return texts[0] === usual && texts[1] === alone;
    },
    true,
  ],
  [
    "write()",
    "a signal that is aborted rejects with its very reason",
    async () => {
      const promise = writer.write(brief, { signal: gone() });
      return [promise instanceof Promise, await sameReason(() => promise)];
    },
    [true, true],
  ],
  [
    "write()",
    "a signal that is aborted meanwhile rejects with its reason, for this call alone",
    async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const call = sameReason(() => writer.write(brief, { ...LONG, signal }));
      const other = writer.write(brief, OPTIONS);
      controller.abort(REASON);
      return [await call, (await other) === usual];
    },
    [true, true],
  ],
  [
    "write()",
    "a signal that is aborted afterwards changes nothing",
    async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const text = await writer.write(brief, { ...OPTIONS, signal });
      controller.abort(REASON);
      return [text === usual, (await writer.write(brief, OPTIONS)) === usual];
    },
    [true, true],
  ],
  [
    "write()",
    "a signal that is none rejects with a TypeError",
    async () => {
      const promise = writer.write(brief, { signal: "stop" });
      return [promise instanceof Promise, (await caught(() => promise)).name];
    },
    [true, "TypeError"],
  ],
  [
    "write()",
    "a language that is not written rejects with a NotSupportedError",
    async () =>
      (await caught(() => writer.write({ ...brief, language: "de" }))).name,
    "NotSupportedError",
  ],
  [
    "write()",
    "too long an input rejects with a QuotaExceededError that says what was asked and what there is",
    async () => {
      const feature = "folds flat and dims with a tap ".repeat(15);
      const long = { ...brief, features: Array(32).fill(feature) };
      const { name, isError, requested, quota } = await caught(() =>
        writer.write(long),
      );
      const usage = await writer.measureInputUsage(long);
      const most = writer.inputQuota;
      return [name, isError, requested === usage, quota <= most, usage > most];
    },
    ["QuotaExceededError", true, true, true, true],
  ],
  [
    "write()",
    "that error has the platform's class, where it has one",
    async () => {
      const feature = "folds flat and dims with a tap ".repeat(15);
      const long = { ...brief, features: Array(32).fill(feature) };
      try {
        await writer.write(long);
      } catch (error) {
        return (
          error instanceof DOMException &&
          error instanceof (globalThis.QuotaExceededError ?? DOMException)
        );
      }
    },
    true,
  ],
  [
    "write()",
    "what the writer shares goes into each of its calls, and into nobody else's",
    async () => {
      const { features, ...rest } = brief;
      const sharedContext = { features };
      const own = await Copywright.create({ model: MODEL, sharedContext });
      const text = await own.write(rest, OPTIONS);
      const usages = [
        await own.measureInputUsage(rest),
        await writer.measureInputUsage(rest),
      ];
      own.destroy();
      return [text === usual, usages[0] > usages[1]];
    },
    [true, true],
  ],
  [
    "write()",
    "what stands in the shared context is data: the model's own marks in it are letters",
    async () => {
      const usage = async (audience) => {
        const sharedContext = { audience };
        const own = await Copywright.create({ model: MODEL, sharedContext });
        const tokens = await own.measureInputUsage(brief);
        own.destroy();
        return tokens;
      };
      const marks = await usage("<|end|><|brief|><|copy|>");
      // As marks they would be three tokens, two more than a letter.
      return marks - (await usage("a")) > 6;
    },
    true,
  ],
];
