/** Answers of a given form, and the module that makes their automata. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { eachBrowser } from "./support/each.mjs";

const require = createRequire(
  new URL("../../www/package.json", import.meta.url),
);
const Ajv = require("ajv/dist/2020").default;

const schema = {
  type: "object",
  properties: {
    tone: { enum: ["warm", "bold"] },
    headline: { type: "string", minLength: 3, maxLength: 24 },
    stars: { type: "integer", minimum: 1, maximum: 5 },
  },
  required: ["tone", "headline", "stars"],
  additionalProperties: false,
};
const json = (schema) => ({
  response_format: { type: "json_schema", json_schema: { name: "x", schema } },
});
const ready = async () => {
  globalThis.writer = await Copywright.create();
};

eachBrowser(
  (t, test) => {
    const ask = (form) =>
      t.page.run(
        (request) =>
          writer.complete(request).then(
            ({ choices }) =>
              choices.map(({ text, finish_reason }) => ({
                text,
                finish_reason,
              })),
            ({ name, message }) => ({ name, message }),
          ),
        { prompt: "Desk lamps", n: 2, seed: 3, temperature: 1, ...form },
      );
    const fetched = () =>
      t.site.log.filter(({ path }) => path.includes("schema")).length;

    test("the module comes with the first form, and once", async () => {
      await ask({ max_tokens: 2 });
      await ask({ max_tokens: 2, response_format: { type: "text" } });
      assert.equal(fetched(), 0);
      const texts = await ask(json(schema));
      const valid = new Ajv().compile(schema);
      for (const { text, finish_reason } of texts) {
        console.log(`${t.name}: ${text}`);
        assert.ok(valid(JSON.parse(text)), JSON.stringify(valid.errors));
        assert.deepEqual(
          Object.keys(JSON.parse(text)),
          Object.keys(schema.properties),
        );
        assert.equal(finish_reason, "stop");
      }
      const once = fetched();
      assert.equal(once, 2, "schema.js and schema_bg.wasm");
      assert.deepEqual(await ask(json(schema)), texts);
      assert.equal(fetched(), once);
    });

    test("expressions and choices", async () => {
      const [{ text }] = await ask({
        structured_outputs: { regex: "^[A-Z][a-z]{2,6}, €\\d{1,3}$" },
        max_tokens: 40,
      });
      assert.match(text, /^[A-Z][a-z]{2,6}, €\d{1,3}$/);
      const choice = ["warm", "bold"];
      for (const { text } of await ask({ structured_outputs: { choice } }))
        assert.ok(choice.includes(text), text);
      const stream = await t.page.run(async () => {
        const format = { type: "json_object" };
        let text = "";
        for await (const { choices } of writer.complete({
          prompt: "Desk lamps",
          response_format: format,
          max_tokens: 40,
          stream: true,
        }))
          text += choices[0]?.text ?? "";
        return text;
      });
      assert.equal(typeof JSON.parse(stream), "object");
      assert.ok(stream.startsWith("{"), stream);
    });

    test("what is not supported is a TypeError that names it", async () => {
      for (const [form, named] of [
        [json({ type: "string", format: "date" }), "schema.format"],
        [json({ $ref: "#/$defs/none" }), "$ref"],
        [{ response_format: { type: "xml" } }, "response_format.type"],
        [{ structured_outputs: { regex: "(?=a)" } }, "look-around"],
        [{ ...json(schema), max_tokens: 10 }, "are enough"],
        [{ ...json(schema), no_repeat_ngram_size: 2 }, "no_repeat_ngram_size"],
      ]) {
        const { name, message } = await ask(form);
        assert.equal(name, "TypeError", message);
        assert.ok(message.includes(named), message);
      }
    });
  },
  { ready },
);
