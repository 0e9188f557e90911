/** The encrypted store: what it keeps comes back, to nobody else, unchanged or not at all. */
import assert from "node:assert/strict";
import { eachBrowser, visit } from "./support/each.mjs";

/** Helpers in the page: the store, and its database as somebody sees it who has the disk. */
const ready = async () => {
  const { EncryptedStore } = await import("/pkg/insight.js");
  globalThis.EncryptedStore = EncryptedStore;
  globalThis.raw = async (name, work, mode = "readwrite") => {
    const given = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await given(indexedDB.open(`copywright-store:${name}`));
    try {
      const change = database.transaction(["header", "data"], mode);
      const done = new Promise((resolve) => (change.oncomplete = resolve));
      const header = change.objectStore("header");
      const data = change.objectStore("data");
      const result = await work({
        header: await given(header.get("header")),
        ids: await given(data.getAllKeys()),
        values: await given(data.getAll()),
        putHeader: (value) => header.put(value, "header"),
        put: (value, id) => data.put(value, id),
      });
      await done;
      return result;
    } finally {
      database.close();
    }
  };
};

const HISTORY = [{ item: "walnut shelf", event: "bought", at: 1_700_000_000 }];

eachBrowser(
  (t, test) => {
    test("what is kept comes back, in this page, after it, and in another tab", async () => {
      const found = await t.page.run(async (history) => {
        const store = await EncryptedStore.open("shop");
        await store.set("history", history);
        await store.set("tone", "warm");
        await store.set("tone", "playful");
        await store.set("gone", 1);
        await store.delete("gone");
        await store.delete("never");
        store.close();
        const again = await EncryptedStore.open("shop");
        return {
          history: await again.get("history"),
          tone: await again.get("tone"),
          gone: (await again.get("gone")) === undefined,
          nothing: (await again.get("constructor")) === undefined,
          keys: await again.keys(),
        };
      }, HISTORY);
      assert.deepEqual(found, {
        history: HISTORY,
        tone: "playful",
        gone: true,
        nothing: true,
        keys: ["history", "tone"],
      });
      const tab = await visit(t.browser, t.site, "/test/index.html", t.page);
      await tab.run(ready);
      assert.equal(
        await tab.run(async () =>
          (await EncryptedStore.open("shop")).get("tone"),
        ),
        "playful",
      );
      await tab.leave();
    });

    test("the disk shows neither values nor keys, and the key cannot be read", async () => {
      const { text, extractable, refused, ids } = await t.page.run(() =>
        raw(
          "shop",
          async ({ header, ids, values }) => {
            const bytes = values.flatMap(({ iv, data }) => [
              ...iv,
              ...new Uint8Array(data),
            ]);
            const { encrypt, name } = header.keys;
            const tries = await Promise.all(
              ["raw", "jwk"].flatMap((format) =>
                [encrypt, name].map((key) =>
                  caught(() => crypto.subtle.exportKey(format, key)),
                ),
              ),
            );
            return {
              text: String.fromCharCode(...bytes) + JSON.stringify(header),
              extractable: encrypt.extractable || name.extractable,
              refused: tries.map(({ name }) => name),
              ids,
            };
          },
          "readonly",
        ),
      );
      assert.equal(ids.length, 2);
      for (const id of ids) assert.match(id, /^[0-9a-f]{64}$/);
      assert.ok(text.length > 100);
      assert.doesNotMatch(text + ids, /walnut|history|playful|tone|bought/);
      assert.equal(extractable, false);
      assert.deepEqual(refused, Array(4).fill("InvalidAccessError"));
    });

    test("only the passphrase opens a store that has one", async () => {
      const found = await t.page.run(async () => {
        // Written with a letter and its accent apart, and as one.
        const store = await EncryptedStore.open("letters", {
          passphrase: "pa\u0308ss",
        });
        await store.set("a", { b: [1, null, "c"] });
        store.close();
        const open = (passphrase) =>
          EncryptedStore.open("letters", passphrase && { passphrase });
        const names = [];
        for (const wrong of ["pass", "Päss", "päss ", undefined])
          names.push((await caught(() => open(wrong))).name);
        names.push(
          (await caught(() => EncryptedStore.open("shop", { passphrase: "x" })))
            .name,
        );
        const value = await (await open("p\u00e4ss")).get("a");
        const header = await raw(
          "letters",
          ({ header }) => ({ ...header, own: Object.keys(header).sort() }),
          "readonly",
        );
        return { names, value, own: header.own, iterations: header.iterations };
      });
      assert.deepEqual(found.names, Array(5).fill("InvalidAccessError"));
      assert.deepEqual(found.value, { b: [1, null, "c"] });
      assert.deepEqual(found.own, ["check", "iterations", "salt", "version"]);
      assert.equal(found.iterations, 600_000);
    });

    test("what was changed is a DataError, and nothing else is lost by it", async () => {
      const found = await t.page.run(async () => {
        const store = await EncryptedStore.open("hit");
        await store.set("a", "one");
        await store.set("b", "two");
        const good = await raw("hit", ({ ids, values }) => ({ ids, values }));
        const tries = {};
        const attempt = async (name, change) => {
          await raw("hit", ({ put }) => {
            good.values.forEach((value, i) => put(value, good.ids[i]));
            change(put, structuredClone(good.values));
          });
          const all = await Promise.all(
            ["a", "b"].map((key) => caught(async () => store.get(key))),
          );
          const names = all.map((e) =>
            e.name === "nothing" ? e.message : e.name,
          );
          tries[name] = [...names, (await caught(() => store.keys())).name];
        };
        const [x, y] = good.ids;
        await attempt("nothing", () => undefined);
        const bit = (value, part) =>
          (new Uint8Array(value[part].buffer ?? value[part])[0] ^= 1);
        await attempt("a bit of both", (put, values) => {
          for (const value of values) bit(value, "data");
          put(values[0], x);
          put(values[1], y);
        });
        await attempt("their numbers", (put, values) => {
          for (const value of values) bit(value, "iv");
          put(values[0], x);
          put(values[1], y);
        });
        await attempt("each in the other's place", (put, values) => {
          put(values[1], x);
          put(values[0], y);
        });
        await attempt("cut short", (put, values) => {
          put({ ...values[0], data: values[0].data.slice(0, 10) }, x);
          put({ ...values[1], data: new ArrayBuffer(0) }, y);
        });
        await attempt("something else", (put) => {
          put("text", x);
          put(null, y);
        });
        await attempt("healed", () => undefined);
        return tries;
      });
      const fine = ['it gave "one"', 'it gave "two"', "nothing"];
      const { nothing, healed, ...rest } = found;
      assert.deepEqual([nothing, healed], [fine, fine]);
      assert.equal(Object.keys(rest).length, 5);
      for (const [how, names] of Object.entries(rest))
        assert.deepEqual(names, Array(3).fill("DataError"), how);
    });

    test("a header that was changed opens nothing", async () => {
      const names = await t.page.run(async () => {
        const open = (options) =>
          caught(() => EncryptedStore.open("letters", options));
        const good = await raw("letters", ({ header }) => header);
        const secret = { passphrase: "p\u00e4ss" };
        const names = [];
        for (const change of [
          { version: 2 },
          { version: "1" },
          { iterations: 1000 },
          { salt: undefined },
          { check: undefined },
          { salt: new Uint8Array(16) },
        ]) {
          await raw("letters", ({ putHeader }) =>
            putHeader({ ...good, ...change }),
          );
          names.push((await open(secret)).name);
        }
        // A store of another name, put in this one's place.
        await EncryptedStore.open("other").then((store) => store.close());
        const other = await raw("other", ({ header }) => header);
        await raw("letters", ({ putHeader }) => putHeader(other));
        names.push((await open()).name);
        await raw("letters", ({ putHeader }) => putHeader(good));
        names.push((await open(secret)).message.startsWith("it gave"));
        return names;
      });
      assert.deepEqual(names, [
        "NotSupportedError",
        "DataError",
        "DataError",
        "DataError",
        "DataError",
        "InvalidAccessError",
        "InvalidAccessError",
        true,
      ]);
    });

    test("two that begin at once have one key", async () => {
      const values = await t.page.run(async () => {
        const stores = await Promise.all(
          Array.from({ length: 4 }, () => EncryptedStore.open("race")),
        );
        await Promise.all(stores.map((store, i) => store.set(`k${i}`, i)));
        return Promise.all(stores.map((store, i) => store.get(`k${3 - i}`)));
      });
      assert.deepEqual(values, [3, 2, 1, 0]);
    });

    test("erase() leaves nothing, and ends the store everywhere", async () => {
      const tab = await visit(t.browser, t.site, "/test/index.html", t.page);
      await tab.run(ready);
      await tab.run(async () => {
        globalThis.held = await EncryptedStore.open("shop");
      });
      const found = await t.page.run(async () => {
        const store = await EncryptedStore.open("shop");
        await store.erase();
        const closed = [];
        for (const work of [
          () => store.get("tone"),
          () => store.set("tone", 1),
          () => store.delete("tone"),
          () => store.keys(),
          () => store.erase(),
        ])
          closed.push((await caught(work)).name);
        const left = (await indexedDB.databases()).map(({ name }) => name);
        // Without a key, and of what never was.
        for (const name of ["letters", "hit", "other", "race", "never"])
          await EncryptedStore.erase(name);
        const after = (await indexedDB.databases()).length;
        const anew = await EncryptedStore.open("shop");
        const value = (await anew.get("tone")) === undefined;
        const keys = await anew.keys();
        await anew.erase();
        const kept = [localStorage.length, sessionStorage.length];
        return { closed, left, after, value, keys, kept };
      });
      assert.deepEqual(found.closed, Array(5).fill("InvalidStateError"));
      assert.ok(!found.left.includes("copywright-store:shop"));
      assert.equal(found.left.length, 4);
      assert.equal(found.after, 0);
      assert.deepEqual(found.keys, []);
      assert.ok(found.value);
      assert.deepEqual(found.kept, [0, 0]);
      const other = await tab.run(() => caught(() => held.get("tone")));
      assert.equal(other.name, "InvalidStateError");
      await tab.leave();
    });

    test("bad input is a TypeError", async () => {
      const names = await t.page.run(async () => {
        const cycle = {};
        cycle.self = cycle;
        const store = await EncryptedStore.open("bad");
        const names = [];
        for (const work of [
          () => EncryptedStore.open(""),
          () => EncryptedStore.open("x", { passphrase: "" }),
          () => store.set("a", undefined),
          () => store.set("a", () => 1),
          () => store.set("a", 1n),
          () => store.set("a", cycle),
          () => store.get(7),
          () => new EncryptedStore(),
        ])
          names.push((await caught(work)).name);
        const gone = await caught(() =>
          EncryptedStore.open("bad", { signal: AbortSignal.abort() }),
        );
        await store.erase();
        return {
          names,
          gone: gone.name,
          left: (await indexedDB.databases()).length,
        };
      });
      assert.deepEqual(names.names, Array(8).fill("TypeError"));
      assert.equal(names.gone, "AbortError");
      assert.equal(names.left, 0);
    });
  },
  { ready },
);
