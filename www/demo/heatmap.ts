import type { Alternative, ExplainedToken } from "../src/types";
import { make } from "./dom";

/** Probabilities from which on a token is of a shade: 0 is none. What is below all of them has the last one. */
const SHADES = [0.5, 0.2, 0.05, 0.01];
let maps = 0;

/**
 * Shows a text with the probability of each token: as a shade, and as the length of the line below it. One token is chosen,
 * by a click or with arrow keys, and its alternatives are listed, those that a rule struck out with the name of the rule.
 * What `container` held goes. Its look is in `heatmap.css`.
 */
export function heatmap(container: HTMLElement, tokens: readonly ExplainedToken[]): void {
  const panel = make("div", { class: "heatmap-why", id: `heatmap-${++maps}` });
  const end = tokens.at(-1);
  const ending = end?.text === "" ? end.token : undefined;
  const options = tokens.map((token) => option(token, token === end && ending !== undefined));
  let chosen = 0;

  const choose = (at: number): void => {
    const [token, span] = [tokens[at], options[at]];
    // A click also moves the focus, which chooses as well.
    if (!token || !span || span.getAttribute("aria-selected") === "true") return;
    turn(options[chosen], undefined);
    chosen = at;
    // What is described is there before the focus is.
    panel.replaceChildren(...why(token, ending));
    turn(span, panel.id);
  };
  const list = make(
    "div",
    { class: "heatmap-text", role: "listbox", "aria-label": "Tokens of the text", "aria-orientation": "horizontal" },
    ...options,
  );
  list.addEventListener("click", ({ target }) => choose(options.indexOf(target as HTMLElement)));
  list.addEventListener("focusin", ({ target }) => choose(options.indexOf(target as HTMLElement)));
  list.addEventListener("keydown", (event) => {
    const to = next(event.key, chosen, options);
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    choose(to);
    options[chosen]?.focus();
  });
  container.classList.add("heatmap");
  container.replaceChildren(...(tokens.length > 0 ? [list, key(), panel] : []));
  choose(telling(tokens));
}

/** One token in the text. */
function option(token: ExplainedToken, ends: boolean): HTMLElement {
  const { text, probability, alternatives } = token;
  const shown = ends ? "end" : text === "" ? "·" : text.replaceAll("\n", "↵\n");
  const barred = alternatives.some((each) => each.struck.length > 0);
  const label = `${ends ? "end of the text" : spoken(text)}, ${percent(probability)}`;
  const span = make(
    "span",
    {
      role: "option",
      tabindex: "-1",
      "aria-selected": "false",
      "aria-label": barred ? `${label}, others were struck out` : label,
      "data-shade": String(shade(probability)),
      "data-barred": barred,
      "data-ends": ends,
    },
    shown,
  );
  span.style.setProperty("--p", `${100 * probability}%`);
  return span;
}

function turn(span: HTMLElement | undefined, describedBy: string | undefined): void {
  span?.setAttribute("aria-selected", String(describedBy !== undefined));
  span?.setAttribute("tabindex", describedBy === undefined ? "-1" : "0");
  if (describedBy === undefined) span?.removeAttribute("aria-describedby");
  else span?.setAttribute("aria-describedby", describedBy);
}

/** What a token was chosen from. */
function why({ token, text, probability, alternatives }: ExplainedToken, ending: number | undefined): HTMLElement[] {
  const place = alternatives.findIndex((each) => each.token === token);
  const others = place < 0 ? `not among the ${alternatives.length} likeliest` : (PLACES[place] ?? `place ${place + 1}`);
  const ends = token === ending;
  const title = make(
    "p",
    { class: "heatmap-chosen" },
    make("b", {}, ends ? "End of the text" : shownAlone(text)),
    `: ${percent(probability)}, ${others}`,
  );
  const row = (each: Alternative): HTMLElement => {
    const said = each.text === "" ? (each.token === ending ? "end of the text" : "no text") : shownAlone(each.text);
    const gone = each.struck.length > 0;
    const bar = make("span", { class: "heatmap-bar", "aria-hidden": "true" });
    bar.style.setProperty("--p", `${100 * each.probability}%`);
    const verdict = gone ? `struck out: ${each.struck.join(", ")}` : each.token === token ? "chosen" : "";
    return make(
      "tr",
      { class: gone ? "struck" : "", "data-chosen": each.token === token },
      make("th", { scope: "row" }, gone ? make("s", {}, said) : said),
      make("td", { class: "heatmap-share" }, bar, percent(each.probability)),
      make("td", { class: "heatmap-verdict" }, verdict),
    );
  };
  const head = ["Token", "Probability", "Rules"].map((name) => make("th", { scope: "col" }, name));
  const table = make(
    "table",
    {},
    make("caption", { class: "heatmap-hidden" }, "The likeliest tokens here"),
    make("thead", { class: "heatmap-hidden" }, make("tr", {}, ...head)),
    make("tbody", {}, ...alternatives.map(row)),
  );
  return [title, table];
}

const PLACES = ["the likeliest", "the second likeliest", "the third likeliest", "the fourth likeliest"];

/** What the shades and lines mean. */
function key(): HTMLElement {
  const steps = [...SHADES, 0].map((from, at) => {
    const below = SHADES[at - 1];
    const name =
      at === 0 ? `${100 * from} % and more` : from > 0 ? `from ${100 * from} %` : `below ${100 * (below ?? 0)} %`;
    const step = make("li", { "data-shade": String(at) }, name);
    step.style.setProperty("--p", `${100 * ([0.75, 0.35, 0.12, 0.03][at] ?? 0)}%`);
    return step;
  });
  const barred = make("li", { "data-barred": true }, "a rule struck others out");
  return make("ul", { class: "heatmap-key", "aria-label": "How likely a token was" }, ...steps, barred);
}

/** The token in whose place the likeliest one was struck out, or else the least likely token. */
function telling(tokens: readonly ExplainedToken[]): number {
  let [most, barred, least] = [0, -1, 0];
  tokens.forEach(({ probability, alternatives }, at) => {
    if (probability < (tokens[least]?.probability ?? 0)) least = at;
    for (const each of alternatives) {
      if (each.struck.length > 0 && each.probability > most) [most, barred] = [each.probability, at];
    }
  });
  return barred < 0 ? least : barred;
}

/** Where a key leads; `undefined` where it is none of ours. */
function next(key: string, at: number, options: readonly HTMLElement[]): number | undefined {
  const last = options.length - 1;
  switch (key) {
    case "ArrowLeft":
      return Math.max(0, at - 1);
    case "ArrowRight":
      return Math.min(last, at + 1);
    case "ArrowUp":
    case "ArrowDown":
      return line(at, key === "ArrowDown" ? 1 : -1, options);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}

/** The token above or below: of the next line, the nearest. */
function line(at: number, way: 1 | -1, options: readonly HTMLElement[]): number {
  const here = options[at]?.getClientRects()[0];
  if (!here) return at;
  let best = at;
  let found: DOMRect | undefined;
  for (let i = at + way; i >= 0 && i < options.length; i += way) {
    const there = options[i]?.getClientRects()[0];
    if (!there || Math.abs(there.top - here.top) < here.height / 2) continue;
    if (found && Math.abs(there.top - found.top) > here.height / 2) break;
    if (found && Math.abs(there.left - here.left) >= Math.abs(found.left - here.left)) continue;
    [best, found] = [i, there];
  }
  return best;
}

function shade(probability: number): number {
  const at = SHADES.findIndex((from) => probability >= from);
  return at < 0 ? SHADES.length : at;
}

/** As a list shows it: with the white space that it has. */
function shownAlone(text: string): string {
  return text.replaceAll(" ", "␣").replaceAll("\n", "↵") || "part of a character";
}

/** As a screen reader says it. */
function spoken(text: string): string {
  return text.replaceAll("\n", " line break ").trim() || (text === "" ? "part of a character" : "space");
}

function percent(probability: number): string {
  const share = 100 * probability;
  if (share > 0 && share < 0.1) return "below 0.1 %";
  return `${share.toFixed(share < 10 ? 1 : 0)} %`;
}
