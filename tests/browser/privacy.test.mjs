/** After the model has come, nothing leaves the page, nothing is kept, and the strictest policy is enough. */
import assert from "node:assert/strict";
import { eachBrowser, until } from "./support/each.mjs";
import { kept, NOTHING } from "./support/kept.mjs";
import { POLICY } from "./support/server.mjs";

eachBrowser(
  (t, test) => {
    test("what is kept would be seen", async () => {
      const other = await t.browser.open(t.site.url("/test/index.html"));
      await other.run(async () => {
        localStorage.setItem("a", "1");
        document.cookie = "b=2";
        await caches.open("c");
        await new Promise((done) => {
          indexedDB.open("d").onsuccess = done;
        });
        await (
          await navigator.storage.getDirectory()
        ).getFileHandle("e", { create: true });
      });
      const found = await other.run(kept);
      await other.close();
      assert.deepEqual(
        [
          found.local,
          found.cookies,
          found.caches,
          found.databases,
          found.files,
        ],
        [["a"], "b=2", ["c"], ["d"], ["e"]],
      );
    });

    test("a request would be seen, and a forbidden one refused and told", async () => {
      const other = await t.browser.open(t.site.url("/test/index.html"));
      const before = t.site.log.length;
      await other.run(() =>
        fetch("/test/page.js?from-here").then((r) => r.text()),
      );
      assert.ok(
        t.site.paths(before).includes("/test/page.js"),
        "the site's own log",
      );
      assert.ok(
        other.requests.some((url) => url.endsWith("?from-here")),
        "the browser's events",
      );
      // A port of this machine where nobody answers: the policy refuses before anybody is asked.
      const error = await other.run(() =>
        fetch("http://127.0.0.1:9/").then(
          () => "answered",
          (e) => e.name,
        ),
      );
      assert.equal(error, "TypeError");
      await until("a report of the violation", () =>
        t.site.violations.some((report) => report.includes("127.0.0.1:9")),
      );
      t.site.violations.length = 0;
      const evaluated = await other.run(() => {
        const script = document.createElement("script");
        script.textContent = "globalThis.inline = true";
        document.body.append(script);
        return globalThis.inline === true;
      });
      assert.equal(evaluated, false, "inline scripts are refused");
      await until(
        "a report of the violation",
        () => t.site.violations.length > 0,
      );
      await other.close();
      t.site.violations.length = 0;
    });

    test("once loaded, a page writes without asking anybody anything", async () => {
      const { page, site } = t;
      const policy = await page.run(async () =>
        (await fetch(location.href)).headers.get("content-security-policy"),
      );
      assert.ok(policy.startsWith(POLICY), policy);
      await page.run(async () => {
        globalThis.writer = await Copywright.create();
      });
      const served = site.log.length;
      const asked = page.requests.length;
      const text = await page.run(async () => {
        const pieces = await read(
          writer.writeStreaming(brief, {
            seed: 1,
            maxTokens: 6,
          }),
        );
        await writer.variants(
          { ...brief, format: "tagline" },
          { n: 2, maxTokens: 4 },
        );
        await writer.complete({
          prompt: "Desk lamps that",
          max_tokens: 3,
          logprobs: 2,
        });
        await writer.measureInputUsage(brief);
        await writer.counters();
        await caught(() => writer.write({ ...brief, name: "" }));
        const second = await Copywright.create({ tone: "bold" });
        await second.write("Lumen Arc: folds flat", {
          maxTokens: 2,
        });
        await Copywright.availability();
        second.destroy();
        writer.destroy();
        return pieces.join("");
      });
      assert.ok(text.length > 0);
      assert.deepEqual(site.paths(served), [], "the site's own log");
      assert.deepEqual(page.requests.slice(asked), [], "the browser's events");
      const origin = site.url("/");
      assert.ok(
        page.requests.every((url) => url.startsWith(origin)),
        "nobody else was ever asked",
      );
      assert.ok(
        site.paths().some((path) => path.endsWith("model.safetensors")),
        "the log has what did happen",
      );
    });

    test("nothing is kept", async () => {
      const found = await t.page.run(kept);
      assert.deepEqual(found, NOTHING);
      const cookies = await t.page.run(async () =>
        globalThis.cookieStore ? (await cookieStore.getAll()).length : 0,
      );
      assert.equal(cookies, 0);
    });

    test("everything was given under the policy", async () => {
      const sent = t.site.log.filter((entry) => entry.path.startsWith("/pkg/"));
      assert.ok(
        sent.length > 5 && sent.every((entry) => entry.status === 200),
        "all of the package was there",
      );
      assert.deepEqual(t.site.violations, []);
      assert.equal(
        await t.page.run(() => crossOriginIsolated),
        false,
        "no special headers were needed",
      );
    });
  },
  { allow: [/127\.0\.0\.1:9/, /inline script/i] },
);
