/** `writeStreaming()`, what an input uses, and the end. Rows as in `../writer-api.test.mjs`. */
export default [
  [
    "writeStreaming()",
    "returns a ReadableStream at once, of strings that together are the text",
    async () => {
      const stream = writer.writeStreaming(brief, OPTIONS);
      const isStream = stream instanceof ReadableStream;
      const pieces = await read(stream);
      const strings = pieces.every((p) => typeof p === "string" && p !== "");
      return [isStream, strings, pieces.length > 1, pieces.join("") === usual];
    },
    [true, true, true, true],
  ],
  [
    "writeStreaming()",
    "it can be iterated, and left",
    async () => {
      for await (const piece of writer.writeStreaming(brief, LONG))
        if (piece.length > 0) break;
      return (await writer.write(brief, OPTIONS)) === usual;
    },
    true,
  ],
  [
    "writeStreaming()",
    "a signal that is aborted is thrown at once",
    () => {
      try {
        writer.writeStreaming(brief, { signal: gone() });
      } catch (error) {
        return error === REASON;
      }
    },
    true,
  ],
  [
    "writeStreaming()",
    "a signal that is aborted meanwhile errors the stream with its reason",
    async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const stream = writer.writeStreaming(brief, { ...LONG, signal });
      const reader = stream.getReader();
      await reader.read();
      controller.abort(REASON);
      return sameReason(async () => {
        while (!(await reader.read()).done);
      });
    },
    true,
  ],
  [
    "writeStreaming()",
    "cancelling ends it without an error, and the writer goes on",
    async () => {
      const reader = writer.writeStreaming(brief, LONG).getReader();
      await reader.read();
      const cancelled = await reader.cancel("enough");
      const { done } = await reader.read();
      return [
        cancelled ?? null,
        done,
        (await writer.write(brief, OPTIONS)) === usual,
      ];
    },
    [null, true, true],
  ],
  [
    "writeStreaming()",
    "an empty input closes without a piece",
    () => read(writer.writeStreaming("")),
    [],
  ],
  [
    "writeStreaming()",
    "what is wrong with the input errors the stream and is not thrown",
    async () => {
      const stream = writer.writeStreaming({ ...brief, tone: "loud" });
      const { name } = await caught(() => read(stream));
      return [stream instanceof ReadableStream, name];
    },
    [true, "TypeError"],
  ],
  [
    "writeStreaming()",
    "two streams at once keep apart",
    async () => {
      const streams = [1, 2].map(() => writer.writeStreaming(brief, OPTIONS));
      const texts = await Promise.all(streams.map(read));
      return texts.map((pieces) => pieces.join("") === usual);
    },
    [true, true],
  ],
  [
    "measureInputUsage()",
    "returns a promise of a number, which grows with the input and is 0 for nothing",
    async () => {
      const small = { format: "tagline", name: "Lumen Arc" };
      const promise = writer.measureInputUsage(small);
      const usage = await promise;
      const more = await writer.measureInputUsage(brief);
      const none = await writer.measureInputUsage("");
      return [promise instanceof Promise, 0 < usage && usage < more, none];
    },
    [true, true, 0],
  ],
  [
    "measureInputUsage()",
    "a signal that is aborted rejects with its very reason",
    () => sameReason(() => writer.measureInputUsage(brief, { signal: gone() })),
    true,
  ],
  [
    "measureInputUsage()",
    "measuring writes nothing",
    async () => {
      const { dispatches } = await writer.counters();
      await writer.measureInputUsage(brief);
      return (await writer.counters()).dispatches - dispatches;
    },
    0,
  ],
  [
    "inputQuota",
    "is a number above 0 that does not change",
    async () => {
      const { inputQuota } = writer;
      await writer.write(brief, OPTIONS);
      return inputQuota > 0 && writer.inputQuota === inputQuota;
    },
    true,
  ],
  [
    "destroy()",
    "returns nothing, and may be called again",
    async () => {
      const own = await Copywright.create({ model: MODEL });
      return [own.destroy() ?? null, own.destroy() ?? null];
    },
    [null, null],
  ],
  [
    "destroy()",
    "all that waits fails with an AbortError",
    async () => {
      const own = await Copywright.create({ model: MODEL });
      const reader = own.writeStreaming(brief, LONG).getReader();
      await reader.read();
      const waits = [
        caught(() => own.write(brief, LONG)),
        caught(() => own.measureInputUsage(brief)),
        caught(async () => {
          while (!(await reader.read()).done);
        }),
      ];
      own.destroy();
      return (await Promise.all(waits)).map(({ name }) => name);
    },
    ["AbortError", "AbortError", "AbortError"],
  ],
  [
    "destroy()",
    "ends this writer alone; others with the same model go on",
    async () => {
      const own = await Copywright.create({ model: MODEL });
      own.destroy();
      const available = await Copywright.availability({ model: MODEL });
      return [available, (await writer.write(brief, OPTIONS)) === usual];
    },
    ["available", true],
  ],
  [
    "destroy()",
    "the last writer's end gives the engine up",
    async () => {
      writer.destroy();
      return Copywright.availability({ model: MODEL });
    },
    "downloadable",
  ],
];
