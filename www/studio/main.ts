import { byId, isOn, turn } from "../demo/dom";
import { examples } from "../demo/examples";
import { formats, type Format } from "../demo/formats";
import { layPresets, presets, pressPreset, type Preset } from "../demo/presets";
import { Settings } from "../demo/settings";
import { Status } from "../demo/status";
import { theme } from "../demo/theme";
import { load } from "../src/insight";
import type { Brief } from "../src/types";
import { BlindPanel } from "./blind";
import { BriefForm } from "./brief";
import { pointing } from "./pointing";
import { Privacy } from "./privacy";
import { shared } from "./share";
import { SharePanel } from "./share-panel";
import { tabs } from "./tabs";
import { Variant } from "./variant";
import { Warnings } from "./warnings";
import { Watch } from "./watch";
import { Writing, type Order } from "./writing";

// First of all: it sees what comes after it.
const watch = new Watch();
theme();
tabs(byId("tabs", HTMLDivElement));
const form = new BriefForm();
const settings = new Settings(3);
const status = new Status();
const warnings = new Warnings(form);
const share = new SharePanel(form);
const points = pointing(form);
const blind = new BlindPanel();
const list = byId("variants", HTMLUListElement);
const write = byId("write", HTMLButtonElement);
const stop = byId("stop", HTMLButtonElement);
let preset: Preset | undefined;
let shown: readonly Variant[] = [];

const writing = new Writing(status, {
  busy: (busy) => {
    turn(write, !busy && writing.possible);
    turn(stop, busy);
    privacy.turn();
  },
  // The checks and the blind test have modules of their own: they come now, so that nothing has to come later.
  ready: async () => {
    await Promise.all([warnings.look(), load({ part: "texts" })]).catch(() => undefined);
    privacy.ready();
  },
  // What was asked for is on record, whatever the form says by now.
  written: (brief, copies, asked) => {
    blind.offer({ brief, copies, order: asked });
    share.own(copies[0]?.text ?? "");
    share.show(order());
  },
});
const privacy = new Privacy(watch, writing);

function order(): Order {
  return { n: settings.count, seed: settings.seed, ...settings.sampling, ...settings.explain };
}

/** Empty variants for what the form says. */
function lay(count: number): readonly Variant[] {
  const brief = form.get();
  const variants = Array.from(
    { length: count },
    (_, at) => new Variant(`Variant ${at + 1}`, brief, form.limits, points),
  );
  list.replaceChildren(...variants.map(({ element }) => element));
  shown = variants;
  return variants;
}

/** What a person wrote for a preset, where nothing can be written here. */
function byHand(chosen: Preset, format: Format): void {
  const own = (examples[chosen.id] ?? []).filter((example) => formats.some(({ id }) => id === example.format));
  own.sort((a, b) => Number(b.format === format.id) - Number(a.format === format.id));
  list.replaceChildren(
    ...own.map((example) => {
      const limits = formats.find(({ id }) => id === example.format) ?? format;
      const { interest, question } = chosen;
      const brief = { ...form.get(), format: limits.id as Brief["format"], context: { interest, question } };
      const variant = new Variant(limits.title, brief, limits, points);
      variant.note("Example, written by hand");
      variant.set(example.text);
      variant.end();
      return variant.element;
    }),
  );
}

/** The form has changed: previews, snippet and link follow. */
function follow(): void {
  share.show(order());
  if (writing.busy) return;
  if (writing.possible) lay(settings.count);
  else if (preset) byHand(preset, form.format);
}

function choose(next: Preset): void {
  preset = next;
  form.preset(next);
  share.own("");
  pressPreset(next.id);
  follow();
  warnings.soon();
}

async function begin(): Promise<void> {
  if (!isOn(write)) return;
  if (!(await warnings.look()) || writing.busy) {
    document.querySelector<HTMLElement>('#ticket [aria-invalid="true"]')?.focus();
    return;
  }
  // A seed is used up by what is written, not by what was refused.
  settings.next();
  share.show(order());
  byId("tab-variants", HTMLButtonElement).click();
  if (matchMedia("(max-width: 56rem)").matches) byId("proofs-title", HTMLHeadingElement).scrollIntoView();
  const problem = await writing.write(form.get(), lay(settings.count), order());
  if (problem) warnings.show(problem);
}

/** Fills the form from the page's own address. Nothing is written until somebody asks for it. */
function open(): boolean {
  const found = shared(location.hash);
  if (!found) return false;
  const { brief, n, seed, ...sampling } = found;
  preset = undefined;
  pressPreset(undefined);
  form.fill(brief);
  settings.set(n, seed, sampling);
  follow();
  warnings.soon();
  status.say("This brief came with the link. Press Write for its texts.");
  return true;
}

layPresets(choose);
if (/Mac|iPhone|iPad/.test(navigator.userAgent)) byId("write-key", HTMLElement).textContent = "⌘ ↵";
form.ticket.form.addEventListener("submit", (event) => {
  event.preventDefault();
  void begin();
});
form.ticket.form.addEventListener("input", () => share.show(order()));
form.ticket.form.addEventListener("change", ({ target }) => {
  const name = target instanceof HTMLInputElement ? target.name : "";
  // What has been written stays until there is no place for it.
  if (["format", "count", "maxChars"].includes(name) || shown.every(({ text }) => text === "")) follow();
});
stop.addEventListener("click", () => isOn(stop) && writing.stop());
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    void begin();
  } else if (event.key === "Escape" && writing.busy) {
    event.preventDefault();
    writing.stop();
  }
});
byId("retry", HTMLButtonElement).addEventListener("click", () => void writing.start());
addEventListener("hashchange", open);

const [first] = presets;
const linked = open();
if (!linked && first) choose(first);
void writing.start().then(() => {
  if (!writing.possible) follow();
  else if (linked && !writing.busy && byId("trouble", HTMLDivElement).hidden)
    status.say("Ready. This brief came with the link: press Write for its texts.");
});
