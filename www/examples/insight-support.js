import { support } from "../pkg/insight.js";
const $ = (id) => document.getElementById(id);
const shop = await support.index([
  {
    id: "return",
    question: "How long do I have to return something?",
    answer: "You can return anything within 30 days.",
    url: "#return",
  },
  { id: "cost", question: "What does a return cost?", answer: "Returns are free within the country.", url: "#cost" },
  { id: "delivery", question: "How long does delivery take?", answer: "Two to four working days.", url: "#delivery" },
  { id: "warranty", question: "How long is the warranty?", answer: "Two years, five for lamps.", url: "#warranty" },
  { id: "wash", question: "How do I wash the blanket?", answer: "By hand in cold water. Dry it flat.", url: "#wash" },
]);
const conversation = [];
function say(who, text, url) {
  const line = Object.assign(document.createElement("li"), { textContent: text, className: who });
  if (url) line.append(" ", Object.assign(document.createElement("a"), { href: url, textContent: "Where it says so" }));
  $("log").append(line);
}
shop.addEventListener("handover", ({ declined }) => {
  const near = declined.best[0] ? ` The nearest entry was: ${declined.best[0].question}` : "";
  say("shop", `A person should answer this.${near}`);
});
async function ask(question) {
  say("customer", question);
  const answer = await shop.answer(question, { conversation });
  conversation.push({ question, entry: answer.source?.id });
  if (answer.declined) return;
  say("shop", `${answer.reply} (${Math.round(100 * answer.confidence)} percent sure)`, answer.source.url);
}
$("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  await ask($("question").value).catch((error) => say("shop", error.message));
  $("question").value = "";
});
await ask($("question").value);
