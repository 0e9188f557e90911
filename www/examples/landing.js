import { erase, setConsent, setInterest } from "../pkg/element.js";

const said = document.getElementById("said");
const why = document.getElementById("why");

// The site's own signal: here the link that was followed; a campaign, a query or viewed categories would do as well.
setInterest(new URLSearchParams(location.search).get("for") ?? undefined);

for (const gate of ["personalisation", "storage"]) {
  const box = document.getElementById(gate);
  const tell = () => setConsent({ [gate]: box.checked });
  box.addEventListener("change", tell);
  tell();
}
document.getElementById("forget").addEventListener("click", async () => {
  await erase();
  said.textContent = "Nothing is kept, and nothing known.";
});
why.addEventListener("copy-ready", ({ detail }) => {
  said.textContent = detail.personalised ? "Written for your interest." : "Written without knowing you.";
});
why.addEventListener("copy-fallback", ({ detail }) => (said.textContent = `Our own text: ${detail.reason}`));
