/** Files that are missing, cut off, damaged or not what they say: each is told apart, named, and forgotten afterwards. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const file = (name) => readFile(join(ROOT, "models/default", name), "utf8");
const manifest = JSON.parse(await file("manifest.json"));
const config = JSON.parse(await file("config.json"));
const weights = manifest.files.find(
  (each) => each.path === "model.safetensors",
).size;

/** A manifest that vouches for another text of one of its files. */
function vouching(path, text) {
  const sha256 = createHash("sha256").update(text).digest("hex");
  const files = manifest.files.map((each) =>
    each.path === path ? { path, size: Buffer.byteLength(text), sha256 } : each,
  );
  return JSON.stringify({ ...manifest, files });
}

const other = JSON.stringify({
  ...config,
  architectures: ["MambaForCausalLM"],
  model_type: "mamba",
});
const larger = JSON.stringify({
  ...config,
  hidden_size: 2 * config.hidden_size,
});
const reshaped = JSON.stringify({ ...config, intermediate_size: 256 });

/**
 * What is wrong with which files; the name of the error; what it must mention. How a file is damaged is found out by the
 * same module in each browser: those marked `true` at the end are tried in one only, since an engine takes SwiftShader seconds.
 */
const CASES = [
  [
    "no manifest, and nothing to make one from",
    { "manifest.json": { status: 404 }, "config.json": { status: 404 } },
    "NetworkError",
    /config\.json.*manifest\.json/,
  ],
  [
    "no weights",
    { "model.safetensors": { status: 404 } },
    "NetworkError",
    /model\.safetensors.*404/,
  ],
  [
    "a server in trouble",
    { "config.json": { status: 500 } },
    "NetworkError",
    /config\.json.*500/,
  ],
  [
    "a connection that breaks at once",
    { "tokenizer.json": { drop: 0 } },
    "NetworkError",
    /tokenizer\.json/,
  ],
  [
    "a connection that breaks half way",
    { "model.safetensors": { drop: weights >> 1 } },
    "NetworkError",
    /model\.safetensors/,
  ],
  [
    "weights cut off",
    { "model.safetensors": { truncate: weights - 1000 } },
    "DataError",
    /model\.safetensors/,
  ],
  [
    "weights cut off in the header",
    { "model.safetensors": { truncate: 5 } },
    "DataError",
    /model\.safetensors/,
    true,
  ],
  [
    "no weights at all",
    { "model.safetensors": { truncate: 0 } },
    "DataError",
    /model\.safetensors/,
    true,
  ],
  [
    "weights too long",
    { "model.safetensors": { extend: 8 } },
    "DataError",
    /model\.safetensors/,
    true,
  ],
  [
    "one bit of a weight",
    { "model.safetensors": { flip: weights - 5 } },
    "DataError",
    /model\.safetensors/,
  ],
  [
    "one bit of the header",
    { "model.safetensors": { flip: 40 } },
    "DataError",
    /model\.safetensors/,
    true,
  ],
  [
    "one bit of the tokenizer",
    { "tokenizer.json": { flip: 5000 } },
    "DataError",
    /tokenizer\.json/,
    true,
  ],
  [
    "one bit of the configuration",
    { "config.json": { flip: 300 } },
    "DataError",
    /config\.json/,
    true,
  ],
  [
    "a manifest that is no JSON",
    { "manifest.json": { body: "<!doctype html>" } },
    "DataError",
    /manifest/,
  ],
  [
    "a manifest that says nothing",
    { "manifest.json": { body: "{}" } },
    "DataError",
    /manifest/,
    true,
  ],
  [
    "a configuration that is no JSON",
    { "config.json": { body: "{" } },
    "DataError",
    /config\.json/,
    true,
  ],
  [
    "another architecture",
    {
      "config.json": { body: other },
      "manifest.json": { body: vouching("config.json", other) },
    },
    "NotSupportedError",
    /MambaForCausalLM/,
    true,
  ],
  [
    "fewer weights than the configuration asks for",
    {
      "config.json": { body: larger },
      "manifest.json": { body: vouching("config.json", larger) },
    },
    "DataError",
    /manifest\.json|model\.safetensors/,
    true,
  ],
  [
    "weights of another shape",
    {
      "config.json": { body: reshaped },
      "manifest.json": { body: vouching("config.json", reshaped) },
    },
    "DataError",
    /model\.safetensors.*mlp/,
    true,
  ],
  [
    "a tokenizer that is no JSON",
    {
      "tokenizer.json": { body: "[" },
      "manifest.json": { body: vouching("tokenizer.json", "[") },
    },
    "DataError",
    /tokenizer\.json/,
    true,
  ],
];

// Browsers log what they could not fetch.
const allow = [/Failed to load resource/, /net::ERR_/];

eachBrowser(
  (t, test) => {
    test("each by its name, and the next attempt is a new one", async () => {
      const wrong = [];
      for (const [what, faults, name, message, once] of CASES) {
        if (once && t.name === "chromium") continue;
        const folder = `/m/${what.replaceAll(" ", "-")}/`;
        for (const [path, fault] of Object.entries(faults))
          t.site.fault(folder + path, fault);
        const error = await t.page.run(
          (model) => caught(() => Copywright.create({ model })),
          folder,
        );
        console.log(`${t.name}: ${what}: ${error.name}: ${error.message}`);
        if (error.name !== name || !message.test(error.message))
          wrong.push(`${what}: ${error.name}, expected ${name}, ${message}`);
        t.site.heal();
      }
      assert.deepEqual(wrong, []);
      // The last folder is whole again.
      const text = await t.page.run(async () => {
        const writer = await Copywright.create({
          model: "/m/a-tokenizer-that-is-no-JSON/",
        });
        const text = await writer.write(brief, { maxTokens: 4 });
        writer.destroy();
        return text;
      });
      assert.ok(text.length > 0);
    });

    test("all who wait for the same model hear of its failure", async () => {
      t.site.fault("/m/waiting/model.safetensors", { truncate: 100_000 });
      const errors = await t.page.run(() => {
        const create = () =>
          caught(() => Copywright.create({ model: "/m/waiting/" }));
        return Promise.all([create(), create()]);
      });
      assert.deepEqual(
        errors.map((error) => error.name),
        ["DataError", "DataError"],
      );
    });

    test("the package's own files", async () => {
      const wrong = [];
      for (const [path, fault, names] of [
        ["/counted/pkg/copywright_bg.wasm", { status: 404 }, ["NetworkError"]],
        ["/counted/pkg/copywright_bg.wasm", { drop: 1000 }, ["NetworkError"]],
        ["/counted/pkg/worker.js", { status: 404 }, ["NetworkError"]],
      ]) {
        t.site.fault(path, fault);
        const error = await t.page.run(() => caught(() => Copywright.create()));
        console.log(`${t.name}: ${path}: ${error.name}: ${error.message}`);
        if (!names.includes(error.name))
          wrong.push(
            `${path} ${JSON.stringify(fault)}: ${error.name}, expected ${names}`,
          );
        t.site.heal();
      }
      assert.deepEqual(wrong, []);
      const alive = await t.page.run(async () => {
        (await Copywright.create()).destroy();
        await until("the workers' end", () => workers.size === 0);
        return workers.size;
      });
      assert.equal(alive, 0, "no worker is left behind");
    });
  },
  { counted: true, allow },
);
