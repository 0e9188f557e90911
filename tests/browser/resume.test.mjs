/** Downloads that survive: what a server or a line does wrong ends in the same model, or in an error that says what. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser, until } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const manifest = JSON.parse(
  await readFile(join(ROOT, "models/default/manifest.json"), "utf8"),
);
const FILE = "model.safetensors";
const { size } = manifest.files.find(({ path }) => path === FILE);
const half = size >> 1;
const WRITE = { seed: 5, maxTokens: 4 };

/** What a writer with these options writes, once `globalThis.usual` is what it should be. */
const attempt = ([options, write]) =>
  caught(async () => {
    if (options.model === undefined && options.manifest)
      options.model = options.manifest;
    delete options.manifest;
    const writer = await Copywright.create(options);
    // A model without a manifest knows no briefs.
    const { choices } = await writer.complete({
      prompt: "Desk lamps that",
      max_tokens: write.maxTokens,
      temperature: 0,
    });
    writer.destroy();
    globalThis.usual ??= choices[0].text;
    return choices[0].text === usual ? "the usual" : choices[0].text;
  });

const ready = async () => {
  const writer = await Copywright.create();
  const { choices } = await writer.complete({
    prompt: "Desk lamps that",
    max_tokens: 4,
    temperature: 0,
  });
  globalThis.usual = choices[0].text;
  writer.destroy();
};

// Browsers log what they could not fetch.
const allow = [/Failed to load resource/, /net::ERR_/];

eachBrowser(
  (t, test) => {
    /** Requests of the weights in a folder, oldest first. */
    const requests = (folder, from = 0) =>
      t.site.log
        .slice(from)
        .filter(({ path }) => path === `/m/${folder}/${FILE}`);
    const create = (options) => t.page.run(attempt, [options, WRITE]);
    const well = async (options) => {
      const { name, message } = await create(options);
      assert.deepEqual([name, message], ["nothing", 'it gave "the usual"']);
    };
    const show = (what, folder) => {
      const told = requests(folder).map(
        ({ method, range, status, sent }) =>
          `${method} ${range ?? "all"} -> ${status}, ${sent} bytes`,
      );
      console.log(`${t.name}: ${what}: ${told.join("; ")}`);
    };
    /** Both requests of a download that broke off: the second begins where the first ended. */
    const resumed = (folder) => {
      const [first, second, ...more] = requests(folder);
      assert.equal(first.range, undefined);
      assert.deepEqual([second?.status, more.length], [206, 0]);
      const at = Number(/^bytes=(\d+)-$/.exec(second.range)?.[1]);
      assert.ok(at > 0 && at <= half, `goes on at ${at} of ${half}`);
      assert.equal(second.sent, size - at);
    };

    test("a connection that breaks", async () => {
      t.site.fault(`/m/break/${FILE}`, { drop: half }, {});
      await well({ model: "/m/break/" });
      show("breaks", "break");
      resumed("break");
    });

    test("a connection that falls silent", async () => {
      const held = t.site.fault(`/m/stall/${FILE}`, { hold: half }, {});
      await well({ model: "/m/stall/", stallTimeout: 1000 });
      show("stalls", "stall");
      resumed("stall");
      // Firefox now and then goes on with a request that its worker has given up.
      if (t.name === "chromium")
        await until("the end of the silent connection", () => held.gone);
    });

    test("a mirror that lacks a file", async () => {
      t.site.fault(`/m/lacks/${FILE}`, { status: 404 });
      await well({ model: "/m/lacks/", mirrors: ["/m/has"] });
      assert.deepEqual(
        [requests("lacks").length, requests("has").length],
        [1, 1],
        "what is not there is not asked for again",
      );
    });

    // What follows is decided by the same module in each browser, and an engine takes SwiftShader seconds.
    if (t.name === "chromium") return;

    test("an answer of untold length that ends too soon", async () => {
      t.site.fault(`/m/cut/${FILE}`, { cut: half }, {});
      await well({ model: "/m/cut/" });
      show("cut", "cut");
      resumed("cut");
    });

    test("a server that breaks off again and again, but gets on", async () => {
      const parts = Array.from({ length: 8 }, (_, i) => ({
        drop: ((i + 1) * size) / 10,
      }));
      t.site.fault(`/m/often/${FILE}`, ...parts, {});
      await well({ model: "/m/often/" });
      show("often", "often");
      assert.ok(requests("often").length > 5);
    });

    test("a server that knows no ranges", async () => {
      t.site.fault(
        `/m/whole/${FILE}`,
        { drop: half, ranges: false },
        { ranges: false },
      );
      await well({ model: "/m/whole/" });
      show("no ranges", "whole");
      const [, second, ...more] = requests("whole");
      assert.ok(second.range !== undefined);
      assert.deepEqual(
        [second.status, second.sent, more.length],
        [200, size, 0],
      );
    });

    for (const [server, how] of [
      ["that knows If-Range", { etag: '"new"' }],
      ["that does not", { etag: '"new"', blind: true }],
      ["that knows no ranges", { etag: '"new"', ranges: false }],
      ["that tells only another size", { etag: null, truncate: size - 8 }],
    ]) {
      test(`another version between two parts, from a server ${server}`, async () => {
        // Without a hash, only version or size tell that the halves do not belong together.
        const folder = server.replaceAll(" ", "-");
        const files = manifest.files.map(({ path, size }) => ({ path, size }));
        t.site.fault(
          `/m/${folder}/${FILE}`,
          { drop: half, flip: 1_000_001, etag: '"old"' },
          how,
          {},
        );
        await well({ manifest: { ...manifest, files }, base: `/m/${folder}/` });
        show("another version", folder);
        const all = requests(folder);
        assert.equal(all.length, 3, "it begins anew");
        assert.equal(all[2].range, undefined);
      });
    }

    test("another version that shows only in the hash", async () => {
      t.site.fault(
        `/m/silent/${FILE}`,
        { drop: half, flip: 1000, etag: null },
        { etag: null },
      );
      await well({ model: "/m/silent/" });
      show("only the hash", "silent");
      assert.equal(requests("silent").length, 3, "it begins anew");
    });

    test("another version for good", async () => {
      t.site.fault(
        `/m/other/${FILE}`,
        { drop: half },
        { flip: 1000, etag: '"other"' },
      );
      const error = await create({ model: "/m/other/" });
      console.log(`${t.name}: ${error.name}: ${error.message}`);
      assert.equal(error.name, "DataError");
      assert.match(error.message, /model\.safetensors.*SHA-256/);
      show("for good", "other");
      assert.ok(requests("other").length <= 4);
    });

    test("wrong bytes from the first mirror", async () => {
      t.site.fault(`/m/wrong/${FILE}`, { flip: size - 5 });
      await well({ model: "/m/wrong/", mirrors: ["/m/right/"] });
      assert.deepEqual(
        [requests("wrong").length, requests("right").length],
        [1, 1],
      );
    });

    test("wrong bytes from the only server: once, and named", async () => {
      t.site.fault(`/m/only/${FILE}`, { flip: size - 5 });
      const error = await create({ model: "/m/only/" });
      assert.equal(error.name, "DataError");
      assert.match(error.message, /model\.safetensors.*SHA-256/);
      assert.equal(requests("only").length, 1);
    });

    test("a mirror goes on where another has broken off", async () => {
      t.site.fault(`/m/tired/${FILE}`, { drop: half });
      await well({ model: "/m/tired/", mirrors: ["/m/fresh/"] });
      const [first, ...more] = requests("fresh");
      assert.equal(more.length, 0);
      assert.equal(first.status, 206);
      assert.equal(requests("tired").length, 1);
    });

    test("servers that all fail: a NetworkError, after so many attempts", async () => {
      t.site.fault(`/m/down/${FILE}`, { status: 503 });
      t.site.fault(`/m/gone/${FILE}`, { status: 404 });
      const error = await create({ model: "/m/down/", mirrors: ["/m/gone/"] });
      console.log(`${t.name}: ${error.name}: ${error.message}`);
      assert.equal(error.name, "NetworkError");
      assert.match(error.message, /\/m\/down\/model\.safetensors.*503/);
      assert.deepEqual(
        [requests("down").length, requests("gone").length],
        [5, 1],
      );
    });

    test("giving up while a repetition waits", async () => {
      t.site.fault(`/m/waits/${FILE}`, { status: 503 });
      await t.page.run(() => {
        globalThis.controller = new AbortController();
        const { signal } = controller;
        globalThis.creation = caught(() =>
          Copywright.create({ model: "/m/waits/", signal }),
        );
      });
      await until("two attempts", () => requests("waits").length === 2);
      const error = await t.page.run(() => {
        controller.abort();
        return creation;
      });
      assert.equal(error.name, "AbortError");
      await new Promise((done) => setTimeout(done, 2500));
      assert.equal(
        requests("waits").length,
        2,
        "nothing is asked for any more",
      );
    });

    test("a folder without a manifest", async () => {
      t.site.fault("/m/plain/manifest.json", { status: 404 });
      t.site.fault("/m/plain/model.safetensors.index.json", { status: 404 });
      await well({ model: "/m/plain" });
      show("no manifest", "plain");
      assert.deepEqual(
        requests("plain").map(({ method }) => method),
        ["HEAD", "GET"],
      );
      // A server without HEAD.
      t.site.fault("/m/headless/manifest.json", { status: 404 });
      t.site.fault(`/m/headless/${FILE}`, { status: 405, only: "HEAD" });
      await well({ model: "/m/headless/" });
      show("no HEAD", "headless");
      assert.equal(requests("headless")[1].sent, 1, "one byte tells the size");
      t.site.fault("/m/empty/manifest.json", { status: 404 });
      t.site.fault("/m/empty/config.json", { status: 404 });
      const error = await create({ model: "/m/empty/" });
      assert.equal(error.name, "NetworkError");
      assert.match(error.message, /\/m\/empty\/config\.json.*manifest/);
    });

    test("what the model's address asks for, its files' addresses ask for", async () => {
      await well({ model: "/m/asks?token=a%20b&v=2#part" });
      const asked = t.site.log.filter(({ path }) => path.startsWith("/m/asks"));
      assert.ok(asked.length >= 4);
      for (const { path, query } of asked)
        assert.equal(query, "?token=a%20b&v=2", path);
    });

    test("a manifest in the page's hand", async () => {
      const before = t.site.log.length;
      await well({ manifest, base: "/m/given" });
      await well({ model: "relative/", base: "/m" }).catch((error) => {
        throw new Error(`base with an address: ${error.message}`);
      });
      const paths = t.site
        .paths(before)
        .filter((path) => path.startsWith("/m/"));
      assert.ok(
        !paths.includes("/m/given/manifest.json"),
        "nobody asks for it",
      );
      assert.ok(paths.includes(`/m/given/${FILE}`));
      assert.ok(paths.includes(`/m/relative/${FILE}`));
      const error = await create({
        manifest: { ...manifest, files: manifest.files.slice(1) },
        base: "/m/given/",
      });
      assert.equal(error.name, "DataError");
      assert.match(error.message, /config\.json/);
    });

    test("GGUF files, by address and from the disk", async () => {
      const tokens = (options) =>
        t.page.run(
          ([options, picked]) =>
            caught(async () => {
              if (picked) {
                const response = await fetch(picked);
                options.model = new File([await response.blob()], "q8_0.gguf");
              }
              const writer = await Copywright.create(options);
              const { choices } = await writer.complete({
                prompt: "the",
                max_tokens: 4,
                temperature: 0,
              });
              writer.destroy();
              return choices[0].text;
            }),
          options,
        );
      const before = t.site.log.length;
      const split = await tokens([
        { model: "/gguf/split/split-00001-of-00002.gguf?v=1" },
      ]);
      assert.equal(split.name, "nothing", split.message);
      const asked = t.site.log
        .slice(before)
        .filter(({ path }) => path.startsWith("/gguf/"));
      const part = (i) => `/gguf/split/split-0000${i}-of-00002.gguf`;
      assert.deepEqual(
        asked.slice(0, 2).map(({ method, path }) => [method, path]),
        [1, 2].map((i) => ["HEAD", part(i)]),
      );
      assert.ok(asked.every(({ query }) => query === "?v=1"));
      const one = await tokens([{ model: "/gguf/one/q8_0.gguf" }]);
      assert.equal(one.name, "nothing", one.message);
      const file = await tokens([{}, "/gguf/file/q8_0.gguf"]);
      assert.deepEqual(file, one, "a file has the same model");
      console.log(`${t.name}: ${split.message}; ${one.message}`);
      const other = await t.page.run(() =>
        caught(() => Copywright.create({ model: new File(["x"], "a.bin") })),
      );
      assert.deepEqual(
        [other.name, /a\.bin/.test(other.message)],
        ["TypeError", true],
      );
    });

    test("a folder on the visitor's disk", async () => {
      const before = t.site.log.length;
      const result = await t.page.run(async () => {
        // What a page gets from a picker is a handle like this one.
        const root = await navigator.storage.getDirectory();
        const folder = await root.getDirectoryHandle("picked", {
          create: true,
        });
        const keep = async (name) => {
          const body = await (await fetch(`/m/disk/${name}`)).arrayBuffer();
          const file = await folder.getFileHandle(name, { create: true });
          const stream = await file.createWritable();
          await stream.write(body);
          await stream.close();
        };
        const model = folder;
        const load = () =>
          caught(async () => {
            const writer = await Copywright.create({ model });
            const { choices } = await writer.complete({
              prompt: "Desk lamps that",
              max_tokens: 4,
              temperature: 0,
            });
            writer.destroy();
            return choices[0].text === usual;
          });
        const results = [];
        await keep("config.json");
        results.push(await load());
        await keep("tokenizer.json");
        await keep("model.safetensors");
        results.push(await load());
        await keep("manifest.json");
        results.push(await load());
        results.push({ name: await Copywright.availability({ model }) });
        await root.removeEntry("picked", { recursive: true });
        results.push(await load());
        return results;
      });
      const [part, plain, own, availability, gone] = result;
      assert.equal(part.name, "DataError");
      assert.match(part.message, /tokenizer\.json/);
      assert.equal(plain.message, "it gave true");
      assert.equal(own.message, "it gave true");
      assert.equal(availability.name, "available");
      assert.equal(gone.name, "DataError");
      const asked = t.site.log
        .slice(before)
        .filter(({ path }) => path.startsWith("/m/"));
      assert.equal(asked.length, 4, "only the test itself asked for the files");
    });
  },
  { ready, allow },
);
