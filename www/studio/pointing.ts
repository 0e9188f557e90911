import type { BriefForm } from "./brief";
import type { Field } from "./sources";
import type { Pointing } from "./variant";

/** Shows in the form where a number comes from, and leads there. */
export function pointing(form: BriefForm): Pointing {
  const controls = (fields: readonly Field[]): NonNullable<ReturnType<BriefForm["control"]>>[] =>
    fields.flatMap(({ path }) => form.control(path) ?? []);
  const hide = (): void => {
    for (const marked of document.querySelectorAll(".sourced")) marked.classList.remove("sourced");
  };
  return {
    hide,
    show(fields) {
      hide();
      for (const { input } of controls(fields)) input.classList.add("sourced");
    },
    go(fields) {
      const [first] = controls(fields);
      if (!first) return;
      first.input.closest("details")?.setAttribute("open", "");
      first.input.focus();
      if (first.input instanceof HTMLTextAreaElement && first.line !== undefined) select(first.input, first.line);
      // Focus has left the number, and with it the mark.
      for (const { input } of controls(fields)) input.classList.add("sourced");
      first.input.addEventListener("blur", hide, { once: true });
    },
  };
}

/** Selects a line that is not empty; the brief counts no others. */
function select(field: HTMLTextAreaElement, line: number): void {
  let start = 0;
  let seen = -1;
  for (const text of field.value.split("\n")) {
    if (text.trim() && ++seen === line) return field.setSelectionRange(start, start + text.length);
    start += text.length + 1;
  }
}
