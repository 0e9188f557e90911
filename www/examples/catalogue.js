import "../pkg/element.js";

const count = { ready: 0, fallback: 0 };
for (const end of ["ready", "fallback"]) {
  document.addEventListener(`copy-${end}`, () => {
    count[end] += 1;
    document.getElementById("said").textContent = `${count.ready} written, ${count.fallback} left as they are`;
  });
}
