/** Completions, in the shape that OpenAI's clients expect. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eachBrowser } from "./support/each.mjs";
import { ROOT } from "./support/server.mjs";

const example = JSON.parse(
  await readFile(join(ROOT, "models/default/example.json"), "utf8"),
);
const ready = async () => {
  globalThis.writer = await Copywright.create();
};

eachBrowser(
  (t, test) => {
    const complete = (request) =>
      t.page.run((request) => writer.complete(request), request);

    test("greedy text is PyTorch's", async () => {
      const answer = await complete({
        prompt: example.prompt,
        temperature: 0,
        max_tokens: 64,
      });
      const [choice] = answer.choices;
      console.log(
        `${t.name}: ${JSON.stringify(choice.text)}, PyTorch: ${JSON.stringify(example.greedy_text)}`,
      );
      assert.equal(choice.text, example.greedy_text);
      assert.equal(choice.finish_reason, "stop");
      assert.equal(answer.usage.prompt_tokens, example.prompt_ids.length);
      // The last of PyTorch's tokens is the one that ends the text.
      assert.equal(
        answer.usage.completion_tokens,
        example.greedy_ids.length - 1,
      );
    });

    test("the answer has the shape of OpenAI's", async () => {
      const begun = Math.floor(Date.now() / 1000);
      const answer = await complete({
        prompt: "Desk lamps that",
        seed: 11,
        n: 2,
        max_tokens: 6,
        stop: null,
        top_p: null,
      });
      assert.match(answer.id, /^cmpl-/);
      assert.equal(answer.object, "text_completion");
      assert.ok(
        Math.abs(answer.created - begun) < 600,
        `created ${answer.created}`,
      );
      assert.equal(answer.seed, 11);
      assert.deepEqual(
        answer.choices.map((choice) => choice.index),
        [0, 1],
      );
      for (const choice of answer.choices) {
        assert.deepEqual(Object.keys(choice).sort(), [
          "finish_reason",
          "index",
          "logprobs",
          "text",
        ]);
        assert.equal(choice.logprobs, null);
        assert.ok(["stop", "length"].includes(choice.finish_reason));
      }
      const { prompt_tokens, completion_tokens, total_tokens } = answer.usage;
      assert.ok(completion_tokens >= 2 && completion_tokens <= 12);
      assert.equal(total_tokens, prompt_tokens + completion_tokens);
      const second = await complete({
        prompt: "Desk lamps that",
        seed: 12,
        max_tokens: 6,
      });
      assert.equal(
        answer.choices[1].text,
        second.choices[0].text,
        "choice i has seed + i",
      );
    });

    test("sixteen tokens when nobody says, and as many as asked for otherwise", async () => {
      // Without its end token the model goes on.
      const endless = {
        prompt: example.prompt,
        temperature: 0,
        logit_bias: { 0: -100 },
      };
      const sixteen = await complete(endless);
      assert.equal(sixteen.usage.completion_tokens, 16);
      assert.equal(sixteen.choices[0].finish_reason, "length");
      const four = await complete({ ...endless, max_tokens: 4 });
      assert.equal(four.usage.completion_tokens, 4);
      assert.ok(sixteen.choices[0].text.startsWith(four.choices[0].text));
    });

    test("a stop string ends the text and is not part of it", async () => {
      const stop = example.greedy_text.slice(12, 17);
      for (const given of [stop, ["never there", stop]]) {
        const { choices } = await complete({
          prompt: example.prompt,
          temperature: 0,
          max_tokens: 64,
          stop: given,
        });
        assert.equal(choices[0].text, example.greedy_text.slice(0, 12));
        assert.equal(choices[0].finish_reason, "stop");
      }
    });

    test("log-probabilities belong to the tokens", async () => {
      const request = {
        prompt: example.prompt,
        temperature: 0,
        max_tokens: 4,
        logprobs: 3,
      };
      const { text, logprobs } = (await complete(request)).choices[0];
      assert.equal(logprobs.tokens.join(""), text);
      assert.equal(logprobs.token_logprobs.length, 4);
      let offset = 0;
      logprobs.tokens.forEach((token, i) => {
        const own = logprobs.token_logprobs[i];
        const top = logprobs.top_logprobs[i];
        assert.ok(own <= 0 && own > -20, `ln p ${own}`);
        assert.ok(Object.keys(top).length >= 1 && Object.keys(top).length <= 3);
        assert.equal(
          Math.max(...Object.values(top)),
          top[token],
          "the greedy token is the likeliest",
        );
        assert.ok(Math.abs(top[token] - own) < 1e-6);
        const mass = Object.values(top).reduce(
          (sum, p) => sum + Math.exp(p),
          0,
        );
        assert.ok(mass <= 1.0001, `probabilities add up to ${mass}`);
        assert.equal(logprobs.text_offset[i], offset);
        offset += [...token].length;
      });
    });

    test("log-probabilities are PyTorch's", async () => {
      // A bias chooses the token; what is reported is the model's own distribution. Differences of ln p are those of logits.
      const logits = example.last_logits_first8;
      const first = async (token) => {
        const request = {
          prompt: example.prompt,
          temperature: 0,
          max_tokens: 1,
          logprobs: 1,
          logit_bias: { [token]: 100 },
        };
        return (await complete(request)).choices[0].logprobs.token_logprobs[0];
      };
      // Token 0 ends the text; the others must be forced, or the test says nothing.
      const found = [];
      for (const token of [1, 4, 7]) found.push(await first(token));
      const expected = [1, 4, 7].map((token) => logits[token]);
      const { f16 } = await t.page.run(() => writer.adapter);
      const worst = Math.max(
        ...found.map((p, i) =>
          Math.abs(p - found[0] - (expected[i] - expected[0])),
        ),
      );
      console.log(
        `${t.name}: f16 ${f16}, worst difference from PyTorch ${worst}`,
      );
      assert.ok(worst < (f16 ? 0.05 : 0.001), `off by ${worst}`);
    });

    test("echo gives the prompt back", async () => {
      const request = {
        prompt: "Desk lamps that",
        temperature: 0,
        max_tokens: 4,
      };
      const plain = await complete(request);
      const echoed = await complete({ ...request, echo: true });
      assert.equal(
        echoed.choices[0].text,
        request.prompt + plain.choices[0].text,
      );
    });

    test("a stream of chunks adds up to the answer", async () => {
      const request = {
        prompt: example.prompt,
        seed: 21,
        n: 2,
        max_tokens: 10,
        logprobs: 1,
        steps_per_readback: 2,
      };
      const whole = await complete(request);
      const chunks = await t.page.run(
        (request) =>
          read(
            writer.complete({
              ...request,
              stream: true,
              stream_options: { include_usage: true },
            }),
          ),
        request,
      );
      const last = chunks.pop();
      assert.deepEqual(last.choices, []);
      assert.deepEqual(last.usage, whole.usage);
      assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1, "one id");
      assert.ok(
        chunks.every(
          (chunk) =>
            chunk.object === "text_completion" &&
            chunk.model === whole.model &&
            !chunk.usage,
        ),
      );
      for (const { index, text, finish_reason, logprobs } of whole.choices) {
        const own = chunks.flatMap((chunk) =>
          chunk.choices.filter((choice) => choice.index === index),
        );
        assert.equal(own.map((choice) => choice.text).join(""), text);
        assert.ok(own.length > 2, "it comes in pieces");
        assert.equal(own.at(-1).finish_reason, finish_reason);
        assert.ok(
          own.slice(0, -1).every((choice) => choice.finish_reason === null),
          "only the last chunk says why it ended",
        );
        const told = own.filter((choice) => choice.logprobs !== null);
        assert.deepEqual(
          told.flatMap((choice) => choice.logprobs.tokens),
          logprobs.tokens,
        );
      }
      const without = await t.page.run(() =>
        read(
          writer.complete({
            prompt: "Desk lamps that",
            max_tokens: 3,
            stream: true,
            echo: true,
            temperature: 0,
          }),
        ),
      );
      assert.equal(
        without[0].choices[0].text,
        "Desk lamps that",
        "an echo comes first",
      );
      assert.ok(
        without.every(
          (chunk) => chunk.usage === undefined && chunk.choices.length === 1,
        ),
      );
    });
  },
  { ready },
);
