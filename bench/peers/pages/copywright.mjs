/** Copywright as its README shows it, with weights packed into 4 bits. */
export async function load({ model, quantize }) {
  const { Copywright } = await import("/pkg/index.js");
  const writer = await Copywright.create({ model, quantize });
  return {
    info: `${writer.adapter.name}, ${writer.adapter.f16 ? "f16" : "f32"}`,
    async generate(prompt, count, onToken) {
      let text = "";
      const stream = await writer.complete({
        prompt,
        max_tokens: count,
        temperature: 0,
        stream: true,
      });
      for (const reader = stream.getReader(); ;) {
        const { done, value } = await reader.read();
        if (done) return text;
        const more = value.choices[0]?.text ?? "";
        text += more;
        // Each token is a word with its space.
        if (more) onToken(text.split(" ").length - 1);
      }
    },
    close: () => writer.destroy(),
  };
}
