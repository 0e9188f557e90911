/** A GPU that computes wrong results is found out before it writes. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser, until } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const worker = await readFile(join(ROOT, "pkg/worker.js"), "utf8");

/** Runs before the worker: what `change` makes of a shader's text is what the driver "compiles". */
const miscompiles = (change) => `{
  const real = GPUDevice.prototype.createShaderModule;
  GPUDevice.prototype.createShaderModule = function (it) {
    const change = ${change};
    return real.call(this, { ...it, code: change(it.code) });
  };
}\n`;

// Spaces are optional: shaders are shipped without most of theirs.

/** Adds with the wrong sign wherever kernels multiply and add. */
const wrongSign = (code) =>
  code
    .replace(/return a ?\* ?b ?\+ ?c;/, "return a * b - c;")
    .replace(/return fma\(a, ?b, ?c\);/, "return fma(a, b, -c);");

/** Forgets one element of a hundred: a fault as small as a driver's can be. */
const oneElement = (code) =>
  code.replace(
    /fn emit\(i: ?u32, ?v: ?array<f32, ?PARTS>\) ?\{/,
    "$& if (i % 100u == 7u) { return; }",
  );

/** Wrong in f16 kernels only. */
const onlyHalf = (code) =>
  code.includes("enable f16")
    ? code.replace("vec4f(weights[i])", "vec4f(weights[i]) * 1.25")
    : code;

eachBrowser((t, test) => {
  /** A new page: what passed in the last one is forgotten. */
  const anew = async () => {
    await t.page.page.goto(t.site.url("/test/index.html"));
    await until("the package", () =>
      t.page.run(() => "Copywright" in globalThis),
    );
  };
  const withWorker = async (prefix, work, fresh = true) => {
    if (fresh) await anew();
    t.site.fault("/pkg/worker.js", { body: prefix + worker });
    const from = t.site.log.length;
    try {
      return { result: await t.page.run(work), paths: t.site.paths(from) };
    } finally {
      t.site.heal();
    }
  };

  for (const [title, change] of [
    ["wrong sign", wrongSign],
    ["one element of a hundred", oneElement],
  ]) {
    test(`a driver that computes wrongly (${title}) is refused, before the weights are fetched`, async () => {
      const { result, paths } = await withWorker(miscompiles(change), () =>
        caught(() => Copywright.create()),
      );
      assert.equal(result.name, "OperationError");
      assert.match(result.message, /wrong results/);
      assert.ok(
        !paths.some((path) => path.endsWith(".safetensors")),
        paths.join(" "),
      );
    });
  }

  test("f16 kernels that compute wrongly are done without", async () => {
    const look = async () => {
      const writer = await Copywright.create();
      const found = {
        f16: writer.adapter.f16,
        text: await writer.write(brief, { maxTokens: 8, temperature: 0 }),
      };
      writer.destroy();
      return found;
    };
    const { result: sound } = await withWorker("", look);
    const { result: broken } = await withWorker(miscompiles(onlyHalf), look);
    assert.equal(broken.f16, false);
    assert.equal(broken.text, sound.text);
    const demanded = await withWorker(miscompiles(onlyHalf), () =>
      caught(() => Copywright.create({ precision: "f16" })),
    );
    // Chromium's software adapter has no f16 at all; lavapipe under Firefox has.
    assert.equal(
      demanded.result.name,
      sound.f16 ? "OperationError" : "NotSupportedError",
      demanded.result.message,
    );
  });

  test("what has passed is not checked again in the same page", async () => {
    const make = async () => (await Copywright.create()).destroy();
    await withWorker("", make);
    // This one would be refused if it were checked.
    await withWorker(miscompiles(wrongSign), make, false);
  });
});
