/** The theme switch. The choice lives as long as the page: nothing is stored on the visitor's device. */
export function theme(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>('input[name="theme"]')) {
    input.addEventListener("change", () => {
      if (input.value === "auto") delete document.documentElement.dataset["theme"];
      else document.documentElement.dataset["theme"] = input.value;
    });
  }
}
