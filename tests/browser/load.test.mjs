/** From nothing to a writer: availability, progress, what is fetched, what a writer says of itself. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const manifest = JSON.parse(
  await readFile(join(ROOT, "models/default/manifest.json"), "utf8"),
);

eachBrowser((t, test) => {
  test("the model is downloadable, downloading, available", async () => {
    const { page, site } = t;
    const half =
      manifest.files.find((file) => file.path === "model.safetensors").size >>
      1;
    const held = site.fault("/m/states/model.safetensors", { hold: half });
    const model = "/m/states/";
    assert.equal(
      await page.run((model) => Copywright.availability({ model }), model),
      "downloadable",
    );
    assert.ok(
      !site.paths().some((path) => path.endsWith(".safetensors")),
      "asking downloads no weights",
    );
    await page.run((model) => {
      globalThis.events = [];
      const monitor = (m) => {
        globalThis.monitored = true;
        m.addEventListener("downloadprogress", (e) => {
          events.push({
            loaded: e.loaded,
            total: e.total,
            computable: e.lengthComputable,
            kind: e.constructor.name,
            at: performance.now(),
          });
        });
        m.ondownloadprogress = (e) => {
          globalThis.handled = e.loaded;
        };
      };
      globalThis.creation = Copywright.create({ model, monitor });
      globalThis.atOnce = globalThis.monitored === true;
    }, model);
    assert.equal(
      await page.run(() => atOnce),
      true,
      "the monitor is called during create()",
    );
    await held.reached;
    assert.equal(
      await page.run((model) => Copywright.availability({ model }), model),
      "downloading",
    );
    // Events keep 50 ms between them; after such a pause the next chunk is told for certain.
    await page.run(() =>
      until(
        "a pause",
        () => events.length > 0 && performance.now() - events.at(-1).at > 100,
      ),
    );
    const most = await page.run(() => Math.max(...events.map((e) => e.loaded)));
    held.release();
    assert.ok(most < 0.75, `half of the weights is here, and ${most} is told`);
    const events = await page.run(async () => {
      globalThis.writer = await creation;
      return events;
    });
    assert.equal(
      await page.run((model) => Copywright.availability({ model }), model),
      "available",
    );
    const loaded = events.map((e) => e.loaded);
    console.log(
      `${t.name}: ${loaded.length} events, ${loaded.map((l) => l.toFixed(2)).join(" ")}`,
    );
    assert.equal(loaded[0], 0);
    assert.equal(loaded.at(-1), 1);
    assert.ok(loaded.length > 2, "there is something between 0 and 1");
    assert.deepEqual(
      loaded,
      [...new Set(loaded)].sort((a, b) => a - b),
      "it only grows",
    );
    assert.ok(
      events.every(
        (e) => e.total === 1 && e.computable && e.kind === "ProgressEvent",
      ),
    );
    assert.ok(
      loaded.every((l) => Number.isInteger(l * 65536)),
      "floored to 1/65536",
    );
    assert.equal(
      await page.run(() => handled),
      1,
      "ondownloadprogress is called too",
    );
  });

  test("a second writer shares the engine, fetches nothing, and still hears 0 and 1", async () => {
    const before = t.site.log.length;
    const loaded = await t.page.run(async () => {
      const loaded = [];
      const monitor = (m) =>
        m.addEventListener("downloadprogress", (e) => loaded.push(e.loaded));
      const second = await Copywright.create({ model: "/m/states/", monitor });
      second.destroy();
      return loaded;
    });
    assert.deepEqual(loaded, [0, 1]);
    assert.deepEqual(t.site.paths(before), []);
  });

  test("what a writer says of itself", async () => {
    const said = await t.page.run(async () => {
      const { adapter, model, inputQuota, tone, format, sharedContext } =
        writer;
      const options = {
        model: "/m/states",
        tone: "bold",
        format: "push",
        sharedContext: { brand: "Ilo" },
      };
      const own = await Copywright.create(options);
      const second = {
        tone: own.tone,
        format: own.format,
        sharedContext: own.sharedContext,
      };
      own.destroy();
      return {
        adapter,
        model,
        inputQuota,
        tone,
        format: format ?? null,
        sharedContext,
        second,
      };
    });
    console.log(`${t.name}: ${JSON.stringify(said.adapter)}`);
    const { name, version } = manifest;
    assert.equal(said.model.name, name);
    assert.equal(said.model.version, version);
    assert.ok(
      said.inputQuota > 256 && Number.isInteger(said.inputQuota),
      `quota ${said.inputQuota}`,
    );
    assert.equal(said.adapter.software, true, "tests run on software adapters");
    // Firefox tells a page nothing about its adapter; where a browser does, it must arrive.
    const told = await t.page.run(async () => {
      const { vendor, architecture, device, description } = (
        await navigator.gpu.requestAdapter()
      ).info;
      return [vendor, architecture, device, description].some(
        (word) => word !== "",
      );
    });
    assert.equal(
      said.adapter.name !== "",
      told,
      `the adapter's name is ${JSON.stringify(said.adapter.name)}`,
    );
    assert.equal(typeof said.adapter.f16, "boolean");
    assert.equal(said.tone, "plain");
    assert.equal(said.format, null);
    assert.deepEqual(said.second, {
      tone: "bold",
      format: "push",
      sharedContext: { brand: "Ilo" },
    });
  });

  test("a model folder is fetched file by file, each once, and nothing else", async () => {
    const before = t.site.log.length;
    await t.page.run(async () =>
      (
        await Copywright.create({ model: new URL("/m/once/", location.href) })
      ).destroy(),
    );
    const fetched = t.site
      .paths(before)
      .filter((path) => path.startsWith("/m/"));
    const listed = [
      "manifest.json",
      ...manifest.files.map((file) => file.path),
    ].map((name) => `/m/once/${name}`);
    assert.deepEqual(fetched.sort(), listed.sort());
  });

  test("the default model lies in the package", async () => {
    const before = t.site.log.length;
    const text = await t.page.run(async () => {
      const writer = await Copywright.create();
      const text = await writer.write(brief, { seed: 1, maxTokens: 8 });
      writer.destroy();
      return text;
    });
    assert.ok(text.length > 0);
    assert.ok(
      t.site.paths(before).includes("/pkg/models/default/model.safetensors"),
    );
  });

  test("what a monitor throws rejects create(), and nothing is fetched", async () => {
    const before = t.site.log.length;
    const error = await t.page.run(() =>
      caught(() =>
        Copywright.create({
          model: "/m/thrown/",
          monitor() {
            throw new RangeError("from the monitor");
          },
        }),
      ),
    );
    assert.equal(error.name, "RangeError");
    assert.equal(error.message, "from the monitor");
    assert.deepEqual(t.site.paths(before), []);
  });
});
