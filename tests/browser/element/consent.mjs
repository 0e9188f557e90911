/** What is kept, and what goes into a brief, is what the visitor agreed to; events say nothing of them. */
import assert from "node:assert/strict";
import { visit } from "../support/each.mjs";
import { element, GOOD, look, PAGE, REAL, types } from "../support/copies.mjs";
import { kept, NOTHING } from "../support/kept.mjs";

const INTEREST = "night trains to Ljubljana";

export default function (t, test) {
  /** A page with a worker that answers at once, and these elements. */
  const open = async (html, beside) => {
    const page = await visit(t.browser, t.site, PAGE, beside);
    await page.run(async () => {
      pretend((_, n) =>
        Array.from({ length: n }, (_, i) => `A lamp, number ${i}.`),
      );
      await define();
    });
    await page.run((html) => lay(html), html);
    return page;
  };
  const briefs = (page) =>
    page.run(() =>
      asked.filter(({ type }) => type === "call").map(({ work }) => work.input),
    );

  test("an interest goes into the brief only with consent, and events never have it", async () => {
    const page = await open(
      element("a", 'loading="eager"') + element("b", 'loading="eager"'),
    );
    await page.run((interest) => {
      setInterest(interest);
      by("b").context = { interest };
    }, INTEREST);
    await page.run(() => ended("a"));
    await page.run(() => ended("b"));
    assert.ok(
      !JSON.stringify(await briefs(page)).includes(INTEREST),
      "not without consent",
    );
    await page.run(() => setConsent({ personalisation: true }));
    const end = await page.run(() => ended("a", 2));
    await page.run(() => ended("b", 2));
    assert.equal((await briefs(page)).at(-1).context.interest, INTEREST);
    assert.deepEqual(
      [end.detail.personalised, "text" in end.detail, "seed" in end.detail],
      [true, false, false],
    );
    const proposal = await page.run(() => by("a").proposal);
    assert.match(proposal.text, /^A lamp, number/);
    const told = JSON.stringify(await page.run(() => heard));
    assert.ok(!told.includes(INTEREST) && !told.includes("briefHash"), told);
    await page.run(() => setConsent({ personalisation: false }));
    const back = await page.run(() => ended("a", 3));
    assert.equal(back.detail.personalised, false, "withdrawn");
    await page.close();
  });

  test("an element that needs a consent waits for it", async () => {
    const page = await open(
      element("a", 'loading="eager" consent="storage personalisation"'),
    );
    assert.equal((await page.run(() => ended("a"))).detail.reason, "consent");
    await page.run(() => {
      setConsent({ storage: true });
      setInterest("tea");
    });
    await page.run(() => painted(10));
    assert.deepEqual(await types(page, "a"), ["fallback"], "one is missing");
    await page.run(() => setConsent({ personalisation: true }));
    assert.equal((await page.run(() => ended("a", 2))).type, "copy-ready");
    await page.run(() => setConsent({ personalisation: false }));
    await page.run(() => ended("a", 3));
    assert.deepEqual(await types(page, "a"), [
      "fallback",
      ...["variant", "variant", "variant", "variant"],
      "beforeswap",
      "ready",
      "fallback",
    ]);
    assert.equal((await look(page, "a")).text, REAL, "the real copy again");
    await page.close();
  });

  test("nothing is kept without consent; a visitor's seed is with it, and erase() forgets it", async () => {
    const seeded = element("a", 'loading="eager" seed="visitor"');
    const page = await open(seeded);
    await page.run(() => ended("a"));
    assert.deepEqual(await page.run(kept), NOTHING);
    const seeds = (page) =>
      page.run(() =>
        asked
          .filter(({ type }) => type === "call")
          .map(({ work }) => work.options.seed),
      );
    const [first] = await seeds(page);
    assert.ok(Number.isInteger(first));
    const other = await open(seeded, page);
    await other.run(() => ended("a"));
    assert.notEqual((await seeds(other))[0], first, "another page, not known");
    await other.leave();
    await page.run(
      ([html]) => {
        setConsent({ storage: true });
        lay(html);
      },
      [seeded],
    );
    await page.run(() => ended("a"));
    assert.deepEqual((await page.run(kept)).local, ["copywright-1:visitor"]);
    assert.equal((await seeds(page)).at(-1), first, "the same on this page");
    const later = await visit(t.browser, t.site, PAGE, page);
    await later.run(async (html) => {
      pretend((_, n) => Array.from({ length: n }, () => "A lamp."));
      await define();
      setConsent({ storage: true });
      lay(html);
      await ended("a");
    }, seeded);
    assert.equal((await seeds(later))[0], first, "and on the next one");
    await later.run(() => erase());
    assert.deepEqual((await later.run(kept)).local, []);
    await later.leave();
    await page.close();
  });

  test("equal elements are one batch with different texts; all share one engine", async () => {
    const many = ["a", "b", "c"].map((id) =>
      element(id, 'loading="eager" seed="5" variants="2"'),
    );
    const other = element("d", 'loading="eager" seed="5"').replace(
      'tone="warm"',
      'tone="bold"',
    );
    const page = await open(many.join("") + other);
    for (const id of ["a", "b", "c", "d"])
      await page.run((id) => ended(id), id);
    const posted = await page.run(() => asked);
    const calls = posted.filter(({ type }) => type === "call");
    assert.equal(posted.filter(({ type }) => type === "open").length, 1);
    assert.deepEqual(
      calls.map(({ work }) => [work.options.n, work.options.seed]),
      [
        [3, 5],
        [4, 5],
      ],
    );
    const texts = await page.run(() =>
      ["a", "b", "c"].map((id) => by(id).textContent),
    );
    assert.equal(new Set(texts).size, 3, texts.join());
    await page.close();
  });

  test("a browser that was given a text by the site sends no interest to a server", async () => {
    const page = await open(
      element("a", 'loading="lazy" ladder="/v1/chat/completions"'),
    );
    t.site.fault("/v1/chat/completions", {
      json: () => ({ choices: [{ message: { content: GOOD } }] }),
    });
    await page.run((interest) => {
      setConsent({ personalisation: true });
      setInterest(interest);
    }, INTEREST);
    await page.run(() => ended("a"));
    const sent = t.site.log.filter(({ body }) => body);
    assert.ok(
      sent.length > 0 && sent.every(({ body }) => body.includes("Lumen Arc")),
    );
    assert.ok(sent.every(({ body }) => !body.includes(INTEREST)));
    await page.close();
  });
}
