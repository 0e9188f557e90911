/** A GPU without memory enough: an error with the numbers, and then a smaller model or call in the same page. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const worker = await readFile(join(ROOT, "pkg/worker.js"), "utf8");

/**
 * Runs before the worker: buffers beyond `room` bytes get no memory. They are truly none, so that every use of them is
 * an error, and the error scopes tell what they tell when an allocation fails.
 */
const without = (room) => `{
  let held = 0;
  const sizes = new WeakMap();
  const stacks = new WeakMap();
  const stack = (device) => stacks.get(device) ?? stacks.set(device, []).get(device);
  const { createBuffer, pushErrorScope, popErrorScope } = GPUDevice.prototype;
  const { destroy } = GPUBuffer.prototype;
  GPUDevice.prototype.createBuffer = function (it) {
    if (held + it.size <= ${room}) {
      const buffer = createBuffer.call(this, it);
      held += it.size;
      sizes.set(buffer, it.size);
      return buffer;
    }
    pushErrorScope.call(this, "validation");
    const none = createBuffer.call(this, { ...it, usage: 0 });
    void popErrorScope.call(this);
    const error = new GPUOutOfMemoryError("no memory");
    const scope = stack(this).findLast(({ filter }) => filter === "out-of-memory");
    if (scope) scope.error ??= error;
    else this.dispatchEvent(new GPUUncapturedErrorEvent("uncapturederror", { error }));
    return none;
  };
  GPUBuffer.prototype.destroy = function () {
    held -= sizes.get(this) ?? 0;
    sizes.delete(this);
    destroy.call(this);
  };
  GPUDevice.prototype.pushErrorScope = function (filter) {
    stack(this).push({ filter });
    pushErrorScope.call(this, filter);
  };
  GPUDevice.prototype.popErrorScope = async function () {
    const scope = stack(this).pop();
    const told = await popErrorScope.call(this);
    return scope?.error ?? told;
  };
}\n`;

/** In f32 the model whose file has halves takes 11.6 MB, in 4 bits 7.0 MB. */
const ROOM = 9_000_000;

eachBrowser((t, test) => {
  test("a model that gets no memory is an error with the numbers, a smaller one loads", async () => {
    t.site.fault("/pkg/worker.js", { body: without(ROOM) + worker });
    const { error, smaller } = await t.page.run(async () => {
      const error = await caught(() =>
        Copywright.create({ precision: "f32", model: "/halves/full/" }),
      );
      const writer = await Copywright.create({
        precision: "f32",
        quantize: "q4",
        model: "/halves/full/",
      });
      const text = await writer.write(brief, { maxTokens: 6, seed: 1 });
      const smaller = { text, ...(await writer.counters()) };
      writer.destroy();
      return { error, smaller };
    });
    console.log(`${t.name}: ${error.message}`);
    assert.equal(error.name, "QuotaExceededError", error.message);
    assert.match(error.message, /GPU memory/);
    assert.ok(error.isError);
    assert.ok(
      error.requested > ROOM && error.quota > 1_000_000 && error.quota <= ROOM,
      JSON.stringify(error),
    );
    assert.ok(smaller.text.length > 0);
    assert.ok(smaller.peakGpuBytes <= ROOM && smaller.heapBytes > 1_000_000);

    t.site.heal();
    const text = await t.page.run(async () => {
      const writer = await Copywright.create();
      const text = await writer.write(brief, { maxTokens: 6, seed: 1 });
      writer.destroy();
      return text;
    });
    assert.ok(text.length > 0, "the default model, in the same page");
  });

  test("a call that gets no memory fails alone", async () => {
    t.site.fault("/pkg/worker.js", { body: without(ROOM) + worker });
    const { first, error, later } = await t.page.run(async () => {
      const writer = await Copywright.create({
        precision: "f32",
        quantize: "q4",
        model: "/halves/call/",
      });
      const request = { prompt: "Lamp", max_tokens: 4, seed: 1 };
      const first = (await writer.complete(request)).choices[0].text;
      const many = { prompt: "Lamp", max_tokens: 400, n: 8 };
      const error = await caught(() => writer.complete(many));
      const later = (await writer.complete(request)).choices[0].text;
      writer.destroy();
      return { first, error, later };
    });
    t.site.heal();
    console.log(`${t.name}: ${error.message}`);
    assert.equal(error.name, "QuotaExceededError", error.message);
    assert.ok(
      error.requested > ROOM && error.quota <= ROOM,
      JSON.stringify(error),
    );
    assert.equal(later, first);
  });

  test("maxGpuBytes: refused before the weights are fetched, and kept by calls", async () => {
    const from = t.site.log.length;
    const error = await t.page.run(() =>
      caught(() =>
        Copywright.create({
          maxGpuBytes: 9_000_000,
          precision: "f32",
          model: "/halves/bounded/",
        }),
      ),
    );
    assert.equal(error.name, "QuotaExceededError", error.message);
    assert.ok(error.requested > 11_000_000, error.message);
    assert.equal(error.quota, 9_000_000);
    const paths = t.site.paths(from);
    assert.ok(paths.some((path) => path.endsWith("/config.json")));
    assert.ok(
      !paths.some((path) => /safetensors|tokenizer/.test(path)),
      paths.join(" "),
    );
    const bounded = await t.page.run(async () => {
      const writer = await Copywright.create({
        precision: "f32",
        quantize: "q4",
        model: "/halves/bounded/",
        maxGpuBytes: 9_000_000,
      });
      const many = { prompt: "Lamp", max_tokens: 400, n: 8 };
      const error = await caught(() => writer.complete(many));
      const text = await writer.write(brief, { maxTokens: 4 });
      const { peakGpuBytes } = await writer.counters();
      writer.destroy();
      return { error, text, peakGpuBytes };
    });
    assert.equal(bounded.error.name, "QuotaExceededError");
    assert.equal(bounded.error.quota, 9_000_000);
    assert.ok(bounded.text.length > 0 && bounded.peakGpuBytes <= 9_000_000);
  });

  test("maxGpuBytes: what is no number of bytes is a TypeError", async () => {
    for (const bad of [0, -1, 1.5, "9", null, 2 ** 60]) {
      const error = await t.page.run(
        (maxGpuBytes) => caught(() => Copywright.create({ maxGpuBytes })),
        bad,
      );
      assert.equal(error.name, "TypeError", String(bad));
      assert.match(error.message, /maxGpuBytes/);
    }
  });
});
