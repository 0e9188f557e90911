import { support } from "../pkg/insight.js";
const $ = (id) => document.getElementById(id);
const shop = await support.index([
  { id: "return", question: "How long can I return something?", answer: "Within 30 days, unused and in its box." },
  { id: "cost", question: "What does a return cost?", answer: "Returns are free within the country." },
  { id: "delivery", question: "How long does delivery take?", answer: "Two to four working days." },
  { id: "warranty", question: "How long is the warranty?", answer: "Two years, five for lamps." },
  { id: "wash", question: "How do I wash the blanket?", answer: "By hand in cold water. Dry it flat." },
]);
const conversation = [];
function say(who, text) {
  $("log").append(Object.assign(document.createElement("li"), { textContent: text, className: who }));
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
  const { reply, source, confidence } = answer;
  say("shop", `${reply} (From “${source.question}”, ${Math.round(100 * confidence)} percent sure.)`);
}
$("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  await ask($("question").value).catch((error) => say("shop", error.message));
  $("question").value = "";
});
await ask($("question").value);
