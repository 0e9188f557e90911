import "../pkg/element.js";

const blurb = document.getElementById("blurb");
const said = document.getElementById("said");
blurb.brief = { features: ["dims with a tap", "folds flat"], facts: { weight: "480 g" } };

document.getElementById("another").addEventListener("click", () => blurb.write());
blurb.addEventListener("copy-progress", ({ detail }) => (said.textContent = `${Math.round(detail.loaded * 100)} %`));
blurb.addEventListener("copy-ready", ({ detail }) => (said.textContent = `${detail.checks.length} rules kept`));
blurb.addEventListener("copy-fallback", ({ detail }) => (said.textContent = `Our own text: ${detail.reason}`));
