/** Models that are kept: only when asked for, only what is right, and then enough without any network. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser, until, visit } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const manifest = JSON.parse(
  await readFile(join(ROOT, "models/default/manifest.json"), "utf8"),
);
const FILE = "model.safetensors";
const { size } = manifest.files.find(({ path }) => path === FILE);
const total = manifest.files.reduce((sum, file) => sum + file.size, 0);
const half = size >> 1;
const PAGE = "/test/index.html";

/** What a page says of a model: made with these options, it writes what it should. */
const attempt = (options) =>
  caught(async () => {
    const loaded = [];
    const monitor = (m) => {
      m.ondownloadprogress = (e) => loaded.push(e.loaded);
    };
    const writer = await Copywright.create({ ...options, monitor });
    const text = await writer.write(brief, { seed: 5, maxTokens: 4 });
    writer.destroy();
    return { text, loaded };
  });
const state = (options) => Copywright.availability(options);
const stored = () => Copywright.stored();

/** Everything that the origin keeps, by any way of keeping. */
const kept = async () => {
  const files = [];
  const walk = async (folder, path) => {
    for await (const [name, handle] of folder.entries()) {
      if (handle.kind === "directory") await walk(handle, `${path}${name}/`);
      else files.push(`${path}${name}`);
    }
  };
  await walk(await navigator.storage.getDirectory(), "");
  return [...files, ...(await caches.keys())];
};

// Browsers log what they could not fetch.
const allow = [/Failed to load resource/, /net::ERR_/];

eachBrowser(
  (t, test) => {
    let usual;
    const requests = (folder, from = 0) =>
      t.site.log.slice(from).filter(({ path }) => path.startsWith(folder));
    const weights = (folder, from = 0) =>
      requests(`${folder}${FILE}`, from).map(({ range, status, sent }) => ({
        range,
        status,
        sent,
      }));
    /** A writer is made and writes the usual; its progress. */
    const well = async (options, page = t.page) => {
      const { name, message } = await page.run(attempt, options);
      assert.equal(name, "nothing", message);
      const { text, loaded } = JSON.parse(message.slice("it gave ".length));
      usual ??= text;
      assert.equal(text, usual);
      assert.deepEqual([loaded[0], loaded.at(-1)], [0, 1]);
      return loaded;
    };
    const about = async (model, page = t.page) =>
      (await page.run(stored)).find((each) => each.model.endsWith(model));
    /** Nothing of a folder can be had any more. */
    const offline = (folder) => {
      for (const name of [
        "manifest.json",
        ...manifest.files.map(({ path }) => path),
      ])
        t.site.fault(folder + name, { drop: 0 });
    };
    /** Creates until half of the weights is there, and gives up. */
    const half_way = async (options) => {
      const held = t.site.fault(`${options.model}${FILE}`, { hold: half }, {});
      await t.page.run((options) => {
        globalThis.controller = new AbortController();
        const { signal } = controller;
        globalThis.told = 0;
        const monitor = (m) => {
          m.ondownloadprogress = (e) => {
            globalThis.told = e.loaded;
          };
        };
        globalThis.creation = caught(() =>
          Copywright.create({ ...options, signal, monitor }),
        );
      }, options);
      await held.reached;
      await until("what was sent", () => t.page.run(() => told > 0.25));
    };
    const abort = async () => {
      const error = await t.page.run(() => {
        controller.abort();
        return creation;
      });
      assert.equal(error.name, "AbortError");
    };

    test("a model that is kept needs no network", async () => {
      const options = { model: "/m/kept/", storage: "opfs" };
      await t.page.run(() => {
        globalThis.persisted = 0;
        navigator.storage.persist = async () => {
          globalThis.persisted += 1;
          throw new TypeError("the visitor has no time for that");
        };
      });
      assert.equal(await t.page.run(state, options), "downloadable");
      await well(options);
      assert.equal(requests("/m/kept/").length, 4);
      assert.equal(await t.page.run(state, options), "available");
      assert.equal(
        await t.page.run(state, { ...options, language: "en" }),
        "available",
      );
      assert.equal(
        await t.page.run(state, { ...options, language: "de" }),
        "unavailable",
      );
      assert.equal(
        await t.page.run(state, { model: "/m/kept/" }),
        "downloadable",
        "without a storage, nothing is looked at",
      );
      offline("/m/kept/");
      const before = t.site.log.length;
      const loaded = await well(options);
      console.log(`${t.name}: from the store: ${loaded.join(" ")}`);
      assert.deepEqual(requests("/m/", before), []);
      const { bytes, complete } = await about("/m/kept/");
      assert.deepEqual([bytes, complete], [total, true]);
      assert.equal(await t.page.run(() => persisted), 1, "asked for once");
    });

    test("an abort keeps what has come, and the next attempt fetches the rest", async () => {
      const options = { model: "/m/abort/", storage: "opfs" };
      await half_way(options);
      await abort();
      const before = t.site.log.length;
      await until("what is kept", async () => {
        const { bytes } = (await about("/m/abort/")) ?? {};
        return bytes > total / 4;
      });
      const { bytes, complete } = await about("/m/abort/");
      assert.equal(complete, false);
      assert.equal(await t.page.run(state, options), "downloadable");
      await well(options);
      const [rest, ...more] = weights("/m/abort/", before);
      console.log(`${t.name}: ${bytes} bytes kept, then ${rest.range}`);
      assert.deepEqual(more, []);
      assert.equal(rest.status, 206);
      assert.equal(rest.sent, total - bytes, "not a byte twice");
      assert.deepEqual(
        t.site.paths(before).filter((path) => path.startsWith("/m/")),
        ["/m/abort/manifest.json", `/m/abort/${FILE}`],
      );
      assert.equal((await about("/m/abort/")).complete, true);
    });

    test("two tabs: one fetches, the other waits", async () => {
      const options = { model: "/m/tabs/", storage: "opfs" };
      const other = await visit(t.browser, t.site, PAGE, t.page);
      const held = t.site.fault(`/m/tabs/${FILE}`, { hold: half }, {});
      const first = t.page.run(attempt, options);
      await held.reached;
      assert.equal(await other.run(state, options), "downloading");
      assert.equal(await t.page.run(state, options), "downloading");
      const second = other.run(attempt, options);
      // Long enough for the second to begin, if it did not wait.
      await new Promise((done) => setTimeout(done, 1500));
      held.release();
      for (const { name, message } of [await first, await second])
        assert.equal(name, "nothing", message);
      assert.deepEqual(
        requests("/m/tabs/").map(({ path }) => path.slice(8)),
        ["manifest.json", ...manifest.files.map(({ path }) => path)],
      );
      assert.equal(await other.run(state, options), "available");
      await other.leave();
    });

    test("a stored file that was damaged is fetched anew, and only that", async () => {
      const options = { model: "/m/kept/", storage: "opfs" };
      t.site.heal();
      const before = t.site.log.length;
      const spoiled = await t.page.run(async (size) => {
        const top = await navigator.storage.getDirectory();
        let spoiled = 0;
        const walk = async (folder) => {
          for await (const handle of folder.values()) {
            if (handle.kind === "directory") {
              await walk(handle);
              continue;
            }
            const file = await handle.getFile();
            if (file.size !== size) continue;
            const bytes = new Uint8Array(await file.arrayBuffer());
            bytes[size - 5] ^= 1;
            const stream = await handle.createWritable();
            await stream.write(bytes);
            await stream.close();
            spoiled += 1;
          }
        };
        await walk(top);
        return spoiled;
      }, size);
      assert.ok(spoiled >= 1);
      await well(options);
      assert.deepEqual(weights("/m/kept/", before), [
        { range: undefined, status: 200, sent: size },
      ]);
      const again = t.site.log.length;
      await well(options);
      assert.deepEqual(requests("/m/", again), []);
    });

    test("what is removed is gone", async () => {
      for (const { model } of await t.page.run(stored))
        await t.page.run((model) => Copywright.remove({ model }), model);
      assert.deepEqual(await t.page.run(stored), []);
      assert.deepEqual(await t.page.run(kept), []);
      const options = { model: "/m/kept/", storage: "opfs" };
      assert.equal(await t.page.run(state, options), "downloadable");
    });

    test("Cache Storage keeps whole files", async () => {
      const options = { model: "/m/cache/", storage: "cache" };
      await half_way(options);
      await abort();
      const before = t.site.log.length;
      await well(options);
      assert.deepEqual(weights("/m/cache/", before), [
        { range: undefined, status: 200, sent: size },
      ]);
      assert.ok(
        !t.site.paths(before).includes("/m/cache/tokenizer.json"),
        "the files before were whole",
      );
      assert.equal(await t.page.run(state, options), "available");
      assert.equal((await about("/m/cache/")).complete, true);
      offline("/m/cache/");
      const again = t.site.log.length;
      await well(options);
      assert.deepEqual(requests("/m/", again), []);
      await t.page.run((model) => Copywright.remove({ model }), options.model);
      assert.deepEqual(await t.page.run(kept), []);
    });

    if (t.name === "chromium") {
      test("a quota that is too small: nothing is kept, and the writer writes", async () => {
        await t.page.quota(t.site.url("/").slice(0, -1), 3_000_000);
        await well({ model: "/m/quota/", storage: "auto" });
        assert.deepEqual(await t.page.run(kept), []);
        await t.page.quota(t.site.url("/").slice(0, -1), undefined);
      });
      // What follows is decided by the same module in each browser, and an engine takes SwiftShader seconds.
      return;
    }

    test("a server that knows no ranges gives again what is kept", async () => {
      const options = { model: "/m/again/", storage: "opfs" };
      await half_way(options);
      await abort();
      t.site.fault(`/m/again/${FILE}`, { ranges: false });
      const before = t.site.log.length;
      await well(options);
      const [rest, ...more] = weights("/m/again/", before);
      assert.deepEqual([rest.status, rest.sent, more], [200, size, []]);
      assert.ok(rest.range !== undefined);
      assert.equal((await about("/m/again/")).complete, true);
    });

    test("wrong bytes are not kept in caches either", async () => {
      const options = { model: "/m/wrong-cache/", storage: "cache" };
      t.site.fault(`/m/wrong-cache/${FILE}`, { flip: size - 5 });
      const error = await t.page.run(attempt, options);
      assert.equal(error.name, "DataError");
      const { bytes, complete } = await about("/m/wrong-cache/");
      assert.deepEqual([bytes, complete], [total - size, false]);
      t.site.fault(`/m/wrong-cache/${FILE}`, { flip: size - 5 }, {});
      await well({ ...options, mirrors: ["/m/right-cache/"] });
      assert.equal((await about("/m/wrong-cache/")).complete, true);
    });

    test("a closed tab keeps what has come", async () => {
      const options = { model: "/m/closed/", storage: "opfs" };
      await half_way(options);
      const other = await visit(t.browser, t.site, PAGE, t.page);
      await t.page.leave();
      t.page = other;
      const before = t.site.log.length;
      await well(options);
      const [rest] = weights("/m/closed/", before);
      console.log(`${t.name}: after the tab was closed: ${rest.range}`);
      assert.equal(rest.status, 206);
      assert.ok(rest.sent < size);
    });

    test("wrong bytes are never kept", async () => {
      const options = { model: "/m/wrong/", storage: "opfs" };
      t.site.fault(`/m/wrong/${FILE}`, { flip: size - 5 });
      const error = await t.page.run(attempt, options);
      assert.equal(error.name, "DataError");
      const { bytes, complete } = await about("/m/wrong/");
      assert.deepEqual([bytes, complete], [total - size, false]);
      t.site.heal();
      await well(options);
      assert.equal((await about("/m/wrong/")).complete, true);
    });

    test("the first half wrong, the tab closed, the second half right", async () => {
      const options = { model: "/m/half/", storage: "opfs" };
      t.site.fault(`/m/half/${FILE}`, { drop: half, flip: 1_000_000 });
      const error = await t.page.run(attempt, options);
      assert.equal(error.name, "NetworkError");
      assert.match(error.message, /model\.safetensors/);
      t.site.heal();
      const before = t.site.log.length;
      await well(options);
      const all = weights("/m/half/", before);
      console.log(`${t.name}: ${JSON.stringify(all)}`);
      assert.deepEqual(
        all.map(({ range }) => range === undefined),
        [false, true],
        "the rest, and then the whole",
      );
    });

    test("a configuration that was damaged on the device", async () => {
      const options = { model: "/m/half/", storage: "opfs" };
      const spoil = async (words) => {
        const top = await navigator.storage.getDirectory();
        let spoiled = 0;
        const walk = async (folder) => {
          for await (const handle of folder.values()) {
            if (handle.kind === "directory") {
              await walk(handle);
              continue;
            }
            const file = await handle.getFile();
            if (file.size > 100_000) continue;
            const text = await file.text();
            if (!text.includes(words[0])) continue;
            const stream = await handle.createWritable();
            await stream.write(text.replace(words[0], words[1]));
            await stream.close();
            spoiled += 1;
          }
        };
        await walk(top);
        return spoiled;
      };
      for (const words of [
        ["LlamaForCausalLM", "LlamaForCausalLN"],
        // In the index itself: a hash, and what makes it JSON.
        [manifest.files[2].sha256.slice(0, 8), "00000000"],
        ["{", "["],
      ]) {
        assert.ok((await t.page.run(spoil, words)) >= 1, words[0]);
        await well(options);
        const before = t.site.log.length;
        await well(options);
        assert.deepEqual(requests("/m/", before), [], words[0]);
      }
    });

    test("a new version takes the place of one that was not complete", async () => {
      const options = { model: "/m/version/", storage: "opfs" };
      await half_way(options);
      await abort();
      // The same files but for one: what is there of the others must not be taken for theirs.
      const text = JSON.stringify({
        ...JSON.parse(
          await readFile(join(ROOT, "models/default/config.json"), "utf8"),
        ),
        note: "another version",
      });
      const sha256 = createHash("sha256").update(text).digest("hex");
      const files = manifest.files.map((file) =>
        file.path === "config.json"
          ? { path: file.path, size: Buffer.byteLength(text), sha256 }
          : file,
      );
      t.site.fault("/m/version/config.json", { body: text });
      t.site.fault("/m/version/manifest.json", {
        body: JSON.stringify({ ...manifest, version: "9", files }),
      });
      const before = t.site.log.length;
      await well(options);
      assert.equal(weights("/m/version/", before)[0].range, undefined);
      const all = (await t.page.run(stored)).filter(({ model }) =>
        model.endsWith("/m/version/"),
      );
      assert.equal(all.length, 1, "the old one is gone");
      assert.equal(all[0].complete, true);
      assert.equal(all[0].bytes, total - manifest.files[0].size + text.length);
    });

    test("a manifest in the page's hand decides which version it is", async () => {
      const options = { base: "/m/hand/", storage: "opfs" };
      const with_manifest = (each) =>
        t.page.run(
          ([options, model]) =>
            caught(async () => {
              const writer = await Copywright.create({ ...options, model });
              const { version } = writer.model;
              writer.destroy();
              return version;
            }),
          [options, each],
        );
      assert.equal(
        (await with_manifest(manifest)).message,
        `it gave "${manifest.version}"`,
      );
      const before = t.site.log.length;
      assert.equal(
        (await with_manifest(manifest)).message,
        `it gave "${manifest.version}"`,
      );
      assert.deepEqual(requests("/m/", before), []);
      const newer = { ...manifest, version: "9.0.0" };
      assert.equal((await with_manifest(newer)).message, 'it gave "9.0.0"');
      assert.equal(requests("/m/", before).length, 3);
    });

    test("a folder without a manifest is kept, too", async () => {
      const options = { model: "/m/plain/", storage: "opfs" };
      t.site.fault("/m/plain/manifest.json", { status: 404 });
      t.site.fault("/m/plain/model.safetensors.index.json", { status: 404 });
      const load = (options) =>
        caught(async () => (await Copywright.create(options)).destroy());
      t.site.fault(
        `/m/plain/${FILE}`,
        { only: "GET", drop: half },
        { only: "GET", status: 404 },
      );
      assert.equal((await t.page.run(load, options)).name, "NetworkError");
      // The same version goes on, another one begins anew.
      t.site.fault(`/m/plain/${FILE}`, {});
      let before = t.site.log.length;
      assert.equal((await t.page.run(load, options)).name, "nothing");
      assert.equal(weights("/m/plain/", before).at(-1).status, 206);
      before = t.site.log.length;
      assert.equal((await t.page.run(load, options)).name, "nothing");
      assert.deepEqual(requests("/m/", before), []);
      // Told by a request for its size, or only by the one for its bytes.
      for (const measured of [{ etag: '"old"' }, {}]) {
        await t.page.run(
          (model) => Copywright.remove({ model }),
          options.model,
        );
        t.site.fault(
          `/m/plain/${FILE}`,
          measured,
          { drop: half, etag: '"old"' },
          { status: 404 },
        );
        assert.equal((await t.page.run(load, options)).name, "NetworkError");
        t.site.fault(`/m/plain/${FILE}`, {});
        before = t.site.log.length;
        assert.equal((await t.page.run(load, options)).name, "nothing");
        assert.equal(weights("/m/plain/", before).at(-1).range, undefined);
        before = t.site.log.length;
        assert.equal((await t.page.run(load, options)).name, "nothing");
        assert.deepEqual(requests("/m/", before), []);
      }
    });

    test("mirrors by turns, one of which has another version: no gap is kept", async () => {
      const options = {
        model: "/m/turns/",
        mirrors: ["/m/other/"],
        storage: "opfs",
      };
      const load = (options) =>
        caught(async () => (await Copywright.create(options)).destroy());
      for (const folder of ["turns", "other"]) {
        t.site.fault(`/m/${folder}/manifest.json`, { status: 404 });
        t.site.fault(`/m/${folder}/model.safetensors.index.json`, {
          status: 404,
        });
      }
      t.site.fault(
        `/m/turns/${FILE}`,
        {},
        { drop: 2_000_000 },
        { drop: 4_000_000 },
        { status: 404 },
      );
      t.site.fault(
        `/m/other/${FILE}`,
        { drop: 3_500_000, etag: '"other"' },
        { status: 404 },
      );
      assert.equal((await t.page.run(load, options)).name, "NetworkError");
      const { bytes } = await about("/m/turns/");
      console.log(`${t.name}: ${bytes} bytes are kept`);
      // Besides the weights there are the small files, with what a folder has for conversations.
      assert.ok(bytes > 1_000_000 && bytes < 2_400_000);
      t.site.heal(`/m/turns/${FILE}`);
      t.site.heal(`/m/other/${FILE}`);
      assert.equal((await t.page.run(load, options)).name, "nothing");
      const right = await readFile(join(ROOT, "models/default", FILE));
      const found = await t.page.run(async (size) => {
        const top = await navigator.storage.getDirectory();
        const hashes = [];
        const walk = async (folder) => {
          for await (const handle of folder.values()) {
            if (handle.kind === "directory") await walk(handle);
            else {
              const file = await handle.getFile();
              if (file.size !== size) continue;
              const bytes = await file.arrayBuffer();
              const hash = await crypto.subtle.digest("SHA-256", bytes);
              hashes.push([...new Uint8Array(hash)]);
            }
          }
        };
        await walk(top);
        return hashes;
      }, size);
      const hash = [...createHash("sha256").update(right).digest()];
      assert.ok(found.length > 0);
      for (const each of found) assert.deepEqual(each, hash);
    });

    test("GGUF files in parts, each broken off", async () => {
      const part = (i) => `/gguf/parts/split-0000${i}-of-00002.gguf`;
      const options = { model: part(1), storage: "opfs" };
      const load = (options) =>
        caught(async () => {
          const writer = await Copywright.create(options);
          const { choices } = await writer.complete({
            prompt: "the",
            max_tokens: 4,
            temperature: 0,
          });
          writer.destroy();
          return choices[0].text;
        });
      const right = await t.page.run(load, { model: part(1) });
      assert.equal(right.name, "nothing", right.message);
      const ranges = (i, from) =>
        requests(part(i), from)
          .filter(({ method }) => method === "GET")
          .map(({ range }) => range);
      let before;
      for (const i of [1, 2]) {
        const { length } = await readFile(
          join(ROOT, `tests/fixtures/gguf/split-0000${i}-of-00002.gguf`),
        );
        const drop = Math.floor(length * 0.8);
        t.site.fault(part(i), {}, { drop }, { only: "GET", status: 404 });
        before = t.site.log.length;
        // The second breaks off while the first is half read.
        const error = await t.page.run(load, options);
        assert.equal(error.name, "NetworkError", error.message);
        t.site.heal();
      }
      console.log(`${t.name}: ${ranges(1, before)}; ${ranges(2, before)}`);
      assert.match(ranges(1, before)[0], /^bytes=/, "the first goes on");
      before = t.site.log.length;
      assert.deepEqual(await t.page.run(load, options), right);
      const { complete } = (await t.page.run(stored)).find(({ model }) =>
        model.endsWith(part(1)),
      );
      assert.equal(complete, true);
      assert.match(ranges(2, before)[0], /^bytes=/, "the second goes on");
      before = t.site.log.length;
      assert.deepEqual(await t.page.run(load, options), right);
      assert.deepEqual(requests("/gguf/", before), []);
    });

    for (const [browser, folder, storage, expected] of [
      ["a disk that is full", "full", "auto", []],
      ["no private file system", "blocked", "opfs", []],
      [
        "no private file system, but caches",
        "blocked",
        "auto",
        [/^copywright-/],
      ],
    ]) {
      test(`a browser with ${browser}`, async () => {
        const page = await visit(
          t.browser,
          t.site,
          `${PAGE}?from=/${folder}/pkg/`,
        );
        const model = `/m/${folder}-${storage}/`;
        await well({ model, storage }, page);
        const found = await page.run(kept);
        assert.equal(found.length, expected.length, found.join(", "));
        for (const [i, each] of expected.entries())
          assert.match(found[i], each);
        const before = t.site.log.length;
        await well({ model, storage }, page);
        assert.equal(
          requests("/m/", before).length > 0,
          expected.length === 0,
          "what is not kept is fetched again",
        );
        await page.close();
      });
    }
  },
  { allow },
);
