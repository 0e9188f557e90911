/** Hands and eyes for the demo page. */
import assert from "node:assert/strict";
import { seenBy } from "./each.mjs";

/** What a visitor sees of the demo's state. */
export function look(page) {
  return page.run(() => {
    const text = (id) => document.getElementById(id).textContent.trim();
    const shown = (id) => document.getElementById(id).checkVisibility();
    const on = (id) =>
      document.getElementById(id).getAttribute("aria-disabled") !== "true";
    const proofs = [...document.querySelectorAll("#proofs > .proof")].map(
      (proof) => {
        const meter = proof.querySelector("[role=meter]");
        return {
          text: proof.querySelector(".text").textContent,
          origin: proof.querySelector(".origin").textContent,
          busy: proof.querySelector("[aria-busy=true]") !== null,
          count: proof.querySelector(".count").textContent,
          meter: {
            now: Number(
              meter.ariaValueNow ?? meter.getAttribute("aria-valuenow"),
            ),
            text: meter.getAttribute("aria-valuetext"),
          },
          chips: [...proof.querySelectorAll(".chips li")].map(
            (chip) => chip.textContent,
          ),
        };
      },
    );
    return {
      state: text("state"),
      live: text("live"),
      adapter: text("adapter"),
      speed: text("speed"),
      first: text("first"),
      memory: text("memory"),
      software: shown("software"),
      without: shown("without"),
      trouble: shown("trouble"),
      code: text("code"),
      canWrite: on("write"),
      canStop: on("stop"),
      focus: document.activeElement?.id || document.activeElement?.className,
      proofs,
    };
  });
}

/** Looks until what is seen fits. */
export const seen = seenBy(look);

/** The model is there and nothing is going on. */
export const loaded = (page) =>
  seen(page, "the model", (it) => it.state === "Ready");

/** Chooses one of the form's radio buttons, as a click would. */
export const choose = (page, name, value) =>
  page.run(
    ([name, value]) =>
      document.querySelector(`input[name="${name}"][value="${value}"]`).click(),
    [name, value],
  );

/** Fills a field, as typing would. */
export const fill = (page, name, value) =>
  page.run(
    ([name, value]) => {
      const field = document.querySelector(`[name="${name}"]`);
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    },
    [name, value],
  );

/** Clicks a button. */
export const click = (page, id) =>
  page.run((id) => document.getElementById(id).click(), id);

/** What axe finds wrong with the page as it is now. */
export async function axe(page) {
  await page.run(async () => {
    if (globalThis.axe) return;
    const script = document.createElement("script");
    script.src = "/axe/axe.min.js";
    await new Promise((done, failed) => {
      script.onload = done;
      script.onerror = () => failed(new Error("axe did not load"));
      document.head.append(script);
    });
  });
  return page.run(async () => {
    // Colours that are on their way to others are neither.
    await Promise.all(
      document
        .getAnimations()
        .map((each) => each.finished.catch(() => undefined)),
    );
    const { violations, passes } = await globalThis.axe.run(document);
    return {
      violations: violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`,
      ),
      passes: passes.length,
    };
  });
}

/** Elements that stick out of the window to the right, other than within a part that scrolls by itself. */
export function overflowing(page) {
  return page.run(() => {
    const width = document.documentElement.clientWidth;
    const scrolls = (element) =>
      /auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX);
    const excused = (element) => {
      for (
        let each = element;
        each && each !== document.body;
        each = each.parentElement
      ) {
        if (
          each.getAttribute("aria-hidden") === "true" ||
          (each !== element && scrolls(each))
        )
          return true;
      }
      return false;
    };
    const out = [...document.body.querySelectorAll("*")]
      .filter(
        (element) =>
          element.checkVisibility() &&
          element.getBoundingClientRect().right > width + 1 &&
          !excused(element),
      )
      .map((element) => element.outerHTML.slice(0, 100));
    const across = document.documentElement.scrollWidth - width;
    return across > 0
      ? [`the page scrolls sideways by ${across} px`, ...out]
      : out;
  });
}

/** Presses Tab until the focus is on an element; bounded. Returns the ids on the way. */
export async function tabTo(page, id) {
  const way = [];
  for (let presses = 0; presses < 120; presses++) {
    await page.press("Tab");
    const here = await page.run(
      () => document.activeElement?.id || document.activeElement?.tagName,
    );
    way.push(here);
    if (here === id) return way;
  }
  return assert.fail(`Tab does not lead to #${id}: ${way.join(", ")}`);
}
