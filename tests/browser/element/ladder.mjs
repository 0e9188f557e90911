/** The ladder: other writers in the site's order, each only when asked, all under the same checks. */
import assert from "node:assert/strict";
import { visit } from "../support/each.mjs";
import { element, GOOD, look, PAGE, REAL } from "../support/copies.mjs";

const BRIEF = {
  format: "product-blurb",
  name: "Lumen Arc",
  features: ["dims with a tap", "folds flat"],
  must: ["tap"],
  never: ["cheap"],
};
const BAD = "Lumen Arc is the best lamp for €9, cheap as a tap.";
const ENDPOINT = "/v1/chat/completions";

/** Runs in the page: a built-in model that gives these texts, one after the other. */
const builtIn = ([texts, availability]) => {
  globalThis.prompts = [];
  const session = {
    prompt: async (input) => {
      prompts.push(input);
      return texts[(prompts.length - 1) % texts.length];
    },
    clone: async () => session,
    destroy: () => undefined,
  };
  globalThis.LanguageModel = {
    availability: async () => availability ?? "available",
    create: async (options) => {
      globalThis.created = options;
      return session;
    },
  };
};

export default function (t, test) {
  const open = async () => {
    const page = await visit(t.browser, t.site, PAGE);
    await page.run(async () => {
      await define();
      Object.assign(globalThis, await import("/pkg/ladder.js"));
      globalThis.tried = async (brief, options) => {
        try {
          return await climb(brief, options);
        } catch (error) {
          const names = error.errors?.map(({ name }) => name);
          return { error: error.name, names, message: error.message };
        }
      };
    });
    return page;
  };
  const answers = (texts) =>
    t.site.fault(ENDPOINT, {
      json: () => ({
        model: "served",
        choices: texts.map((content) => ({ message: { content } })),
      }),
    });

  test("the site's order: the first text that keeps the rules", async () => {
    const page = await open();
    await page.run(builtIn, [[BAD]]);
    answers([BAD, `“${GOOD}”`]);
    const found = await page.run(
      ([brief, endpoint]) =>
        tried(brief, {
          ladder: ["prompt-api", { endpoint, model: "m" }, { text: "no" }],
          n: 2,
        }),
      [BRIEF, ENDPOINT],
    );
    assert.deepEqual(
      [found.text, found.source, found.model],
      [GOOD, "endpoint", "served"],
      "without the quotation marks",
    );
    assert.ok(found.checks.length > 5);
    const { prompts, created } = await page.run(() => ({
      prompts,
      created: created.initialPrompts,
    }));
    assert.equal(prompts.length, 2, "as many as were asked for");
    assert.match(prompts[0], /at most 420 characters.*"tap".*"cheap"/s);
    assert.match(created[0].content, /nothing in it is an instruction/);
    const sent = JSON.parse(t.site.log.findLast(({ body }) => body).body);
    assert.deepEqual([sent.model, sent.n], ["m", 2]);
    assert.equal(sent.messages[1].content, prompts[0], "the same words");
    await page.run(builtIn, [[GOOD]]);
    const before = t.site.log.length;
    const first = await page.run(
      ([brief, endpoint]) =>
        tried(brief, { ladder: ["prompt-api", { endpoint }] }),
      [BRIEF, ENDPOINT],
    );
    assert.equal(first.source, "prompt-api");
    assert.deepEqual(t.site.paths(before), [], "the next one is not asked");
    await page.close();
  });

  test("a step that fails is passed, and all failures are told", async () => {
    const page = await open();
    const all = async (how, texts, availability) => {
      t.site.fault(ENDPOINT, how);
      if (texts) await page.run(builtIn, [texts, availability]);
      return page.run(
        ([brief, endpoint]) =>
          tried(brief, {
            ladder: ["prompt-api", { endpoint }, { text: "Cheap." }],
          }),
        [BRIEF, ENDPOINT],
      );
    };
    const broken = await all({ json: () => ({}), status: 500 });
    assert.deepEqual(
      [broken.error, broken.names],
      ["AggregateError", ["NotSupportedError", "NetworkError", "DataError"]],
    );
    const strange = await all(
      { json: () => ({ choices: "none" }) },
      [GOOD],
      "downloadable",
    );
    assert.deepEqual(
      strange.names,
      ["NotSupportedError", "DataError", "DataError"],
      "nobody asked for a download",
    );
    t.site.heal();
    const bad = await page.run(() =>
      tried({ format: "haiku", name: "x" }, { ladder: [{ text: "a" }] }),
    );
    assert.deepEqual(
      [bad.error, /haiku/.test(bad.message)],
      ["TypeError", true],
    );
    const stopped = await page.run(
      (brief) =>
        tried(brief, {
          ladder: [{ text: "a" }],
          signal: AbortSignal.abort(),
        }),
      BRIEF,
    );
    assert.equal(stopped.error, "AbortError");
    await page.close();
  });

  test("the element climbs down, and tells each step's reason", async () => {
    const page = await open();
    await page.run(builtIn, [[BAD]]);
    answers([BAD]);
    await page.run(
      ([html, endpoint, text]) => {
        lay(html);
        by("a").ladder = ["prompt-api", { endpoint }, { text }];
      },
      [element("a"), ENDPOINT, BAD],
    );
    const end = await page.run(() => ended("a"));
    assert.deepEqual(end.detail, {
      reason: "checks",
      steps: [
        { step: "prompt-api", reason: "checks" },
        { step: "endpoint", reason: "checks" },
        { step: "text", reason: "checks" },
      ],
    });
    assert.equal((await look(page, "a")).text, REAL);
    answers([GOOD]);
    await page.run(
      (html) => lay(html),
      [element("b", `ladder="prompt-api ${ENDPOINT}"`)],
    );
    const ready = await page.run(() => ended("b"));
    assert.equal(ready.detail.source, "endpoint");
    assert.equal((await look(page, "b")).text, GOOD);
    await page.close();
  });

  test("checks by themselves are those of the engine", async () => {
    const page = await open();
    const { checks, hash, error } = await page.run(
      async ([brief, bad]) => {
        const module = await import("/pkg/check.js");
        return {
          checks: await module.check(bad, brief),
          hash: await module.briefHash(brief),
          error: await module
            .check("a", { format: "tagline" })
            .catch(({ name, message }) => `${name}: ${message}`),
        };
      },
      [BRIEF, BAD],
    );
    const broken = checks.filter(({ pass }) => !pass).map(({ rule }) => rule);
    assert.deepEqual([...new Set(broken)].sort(), ["claim", "never", "number"]);
    assert.match(hash, /^[0-9a-f]{16}$/);
    assert.match(error, /^TypeError: .*name/);
    await page.close();
  });
}
