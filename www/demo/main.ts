import { Board } from "./board";
import { byId, copyFrom, isOn, turn } from "./dom";
import { Explained } from "./explained";
import { layPresets, presets, pressPreset, type Preset } from "./presets";
import { Session, type Order } from "./session";
import { Settings } from "./settings";
import { program } from "./snippet";
import { Status } from "./status";
import { theme } from "./theme";
import { TicketForm } from "./ticket";

theme();
const ticket = new TicketForm();
const settings = new Settings();
const status = new Status();
const board = new Board();
const write = byId("write", HTMLButtonElement);
const stop = byId("stop", HTMLButtonElement);
const code = byId("code", HTMLElement);
const free = byId("free", HTMLInputElement);
const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);
let preset: Preset | undefined;

const session = new Session(status, board, new Explained(), (busy) => {
  turn(write, !busy && session.possible);
  turn(stop, busy);
});

/** What the options say beside the numbers: absent where it is the API's default. */
function extras(): Pick<Order, "explain" | "unconstrained"> {
  return { ...settings.explain, ...(free.checked ? { unconstrained: true } : {}) };
}

/** Lays the board out for what the form says: empty proofs, or the examples where nothing can be written. */
function lay(): void {
  const { count: n, seed, sampling } = settings;
  code.textContent = program(ticket.brief(), { n, seed, ...sampling, ...extras() });
  if (session.busy) return;
  if (!session.possible && preset) board.examples(preset, ticket.format.id);
}

/** The proofs' own room depends on the format and their number: empty ones are laid again when these change. */
function relay(): void {
  if (session.possible && !session.busy) session.lay(settings.count, ticket.format);
  lay();
}

function choose(next: Preset): void {
  preset = next;
  ticket.fill(next);
  pressPreset(next.id);
  relay();
}

function begin(): void {
  if (!isOn(write)) return;
  const seed = settings.next();
  lay();
  if (matchMedia("(max-width: 56rem)").matches) byId("proofs-title", HTMLHeadingElement).scrollIntoView();
  void session
    .write(ticket.brief(), ticket.format, { n: settings.count, seed, ...settings.sampling, ...extras() })
    .then((problem) => {
      if (problem) ticket.point(problem);
    });
}

layPresets(choose);

byId("write-key", HTMLElement).textContent = mac ? "⌘ ↵" : "Ctrl ↵";
ticket.form.addEventListener("submit", (event) => {
  event.preventDefault();
  begin();
});
ticket.form.addEventListener("input", lay);
ticket.form.addEventListener("change", (event) => {
  const name = event.target instanceof HTMLInputElement ? event.target.name : "";
  if (name === "format" || name === "count") relay();
});
stop.addEventListener("click", () => {
  if (isOn(stop)) session.stop();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    begin();
  } else if (event.key === "Escape" && session.busy) {
    event.preventDefault();
    session.stop();
  }
});
const copyCode = byId("copy-code", HTMLButtonElement);
copyCode.addEventListener("click", () => void copyFrom(copyCode, code.textContent ?? ""));
byId("retry", HTMLButtonElement).addEventListener("click", () => void session.start());

const first = presets[0];
if (first) choose(first);
void session.start().then(relay);
