import { byId, within } from "../demo/dom";
import type { Format } from "../demo/formats";
import type { Preset } from "../demo/presets";
import { TicketForm } from "../demo/ticket";
import type { Brief } from "../src/types";
import { Claims } from "./claims";

/** The whole brief: the demo's form, and the rules that a marketer sets. */
export class BriefForm {
  readonly ticket = new TicketForm();
  readonly #claims = new Claims();
  readonly #must = byId("must", HTMLTextAreaElement);
  readonly #never = byId("never", HTMLTextAreaElement);
  readonly #most = byId("max-chars", HTMLInputElement);

  get format(): Format {
    return this.ticket.format;
  }

  /** The format under the brief's own limit, where it has one that is lower. */
  get limits(): Format {
    const { format } = this;
    const most = this.#most.valueAsNumber;
    return most > 0 && most < format.max ? { ...format, max: most, ideal: Math.min(format.ideal, most) } : format;
  }

  preset(preset: Preset): void {
    this.ticket.fill(preset);
    this.#rules({});
  }

  fill(brief: Brief): void {
    const { format, name, tone = "plain", brand = "", category = "", audience = "", features = [], context } = brief;
    const { interest = "", question = "" } = context ?? {};
    const facts = Object.entries(brief.facts ?? {}).map(([key, value]): [string, string] => [key, String(value)]);
    this.ticket.fill({ format, name, tone, brand, category, audience, features, facts, interest, question });
    this.#rules(brief);
  }

  get(): Brief {
    const [must, never, allow] = [lines(this.#must), lines(this.#never), this.#claims.get()];
    const maxChars = this.#most.valueAsNumber;
    return {
      ...this.ticket.brief(),
      ...(must.length ? { must } : {}),
      ...(never.length ? { never } : {}),
      ...(allow.length ? { allow } : {}),
      ...(Number.isFinite(maxChars) ? { maxChars: Math.trunc(maxChars) } : {}),
    };
  }

  /** The control for a field, by the path that errors and sources use; with the line of it that is meant. */
  control(path: string): { readonly input: HTMLElement; readonly line: number | undefined } | undefined {
    const [, field = "", at, key] = /^(?:context\.)?([a-zA-Z]+)(?:\[(\d+)\]|\.(.+))?/s.exec(path) ?? [];
    const line = at === undefined ? undefined : Number(at);
    const { form } = this.ticket;
    if (field === "facts") {
      const row = [...form.querySelectorAll("#facts .fact")].find(
        (each) => each.querySelector("input")?.value.trim() === key,
      );
      const input = (row ?? form).querySelector<HTMLInputElement>(row ? "input:nth-of-type(2)" : "#facts input");
      return input ? { input, line: undefined } : undefined;
    }
    if (field === "allow") {
      const row = form.querySelectorAll("#claims .claim")[line ?? 0];
      const input = row?.querySelector("input");
      return input ? { input, line: undefined } : undefined;
    }
    const named = form.querySelector<HTMLElement>(`[name="${field}"]`);
    return named ? { input: named, line } : undefined;
  }

  #rules({ must = [], never = [], allow = [], maxChars }: Partial<Brief>): void {
    this.#must.value = must.join("\n");
    this.#never.value = never.join("\n");
    this.#most.value = maxChars === undefined ? "" : String(maxChars);
    this.#claims.set(allow);
    if (must.length || never.length || allow.length || maxChars !== undefined)
      within(this.ticket.form, "details.rules", HTMLDetailsElement).open = true;
  }
}

function lines(field: HTMLTextAreaElement): string[] {
  return field.value
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
