/** The element with this id, of the class that the caller expects. */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`#${id} is not a ${kind.name}`);
  return found;
}

/** The first match below `root`, of the class that the caller expects. */
export function within<T extends Element>(root: ParentNode, selector: string, kind: new () => T): T {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`${selector} is not a ${kind.name}`);
  return found;
}

type Attributes = Readonly<Record<string, string | boolean>>;

/** A new element; `true` sets an empty attribute and `false` leaves it out. Text children are text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** A strip of radio buttons that share `name`. */
export function radios(
  into: HTMLElement,
  name: string,
  options: readonly { readonly value: string; readonly face: HTMLElement }[],
): void {
  into.replaceChildren(
    ...options.map(({ value, face }) => make("label", {}, make("input", { type: "radio", name, value }), face)),
  );
}

/**
 * A button that is off stays focusable, so that pressing Stop with the keyboard does not throw the focus away.
 * Whoever listens to its clicks asks `isOn` first.
 */
export function turn(button: HTMLButtonElement, on: boolean): void {
  if (on) button.removeAttribute("aria-disabled");
  else button.setAttribute("aria-disabled", "true");
}

export function isOn(button: HTMLButtonElement): boolean {
  return button.getAttribute("aria-disabled") !== "true";
}

/** Copies `text` and says so on the button for a moment. */
export async function copyFrom(button: HTMLButtonElement, text: string): Promise<void> {
  const label = (button.dataset["label"] ??= button.textContent ?? "");
  const done = await navigator.clipboard.writeText(text).then(
    () => "Copied",
    () => "Not allowed",
  );
  button.textContent = done;
  setTimeout(() => {
    button.textContent = label;
  }, 1500);
}
