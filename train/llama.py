"""What a decoder computes, twice: the textbook in f64, whose numbers are committed, and transformers in f32, which
has to agree. transformers alone would not do: it keeps norms, softmax and rotary angles in f32 whatever the type
of the model, and the last digits of f32 sums differ between processors."""

from pathlib import Path

import torch
from decoder import decoder
from layout import packed, read_weights
from transformers import AutoConfig, LlamaForCausalLM


def transformers_model(folder: Path) -> LlamaForCausalLM:
    """In f32 with eager attention, whatever the type of the file."""
    if any(packed(file) for file in folder.glob("*.safetensors")):
        # Packed weights are nothing that transformers reads; it gets their numbers.
        model = LlamaForCausalLM(AutoConfig.from_pretrained(folder, attn_implementation="eager")).float()
        model.load_state_dict(read_weights(folder), strict=False)
        model.tie_weights()
        return model.eval()
    return LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


@torch.no_grad()
def greedy(model: LlamaForCausalLM, prompts: list[list[int]], steps: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The likeliest `steps` tokens after prompts of one length (B, steps), and the logits they had (B, steps, V)."""
    out, cache, rows, tokens = torch.tensor(prompts), None, [], []
    for _ in range(steps):
        result = model(out, past_key_values=cache, use_cache=True)
        cache = result.past_key_values
        rows.append(result.logits[:, -1])
        out = rows[-1].argmax(-1, keepdim=True)
        tokens.append(out)
    return torch.cat(tokens, 1), torch.stack(rows, 1)


def margins(logits: torch.Tensor) -> torch.Tensor:
    """How far the best logit of each row is above the second best."""
    best = logits.topk(2).values
    return best[..., 0] - best[..., 1]


def nmse(got: torch.Tensor, want: torch.Tensor) -> float:
    """Normalised mean square error, as in tests/cpu/compare.rs."""
    return ((got.double() - want.double()).square().sum() / want.double().square().sum()).item()


def agreed(folder: Path, prompt: list[int], steps: int, model=None) -> tuple[list[int], torch.Tensor]:
    """Greedy tokens and their f64 logits (steps, V), on which the textbook and transformers agree."""
    tokens, logits = greedy(model or transformers_model(folder), [prompt], steps)
    tokens = tokens[0].tolist()
    want = decoder(folder, prompt + tokens[:-1])[-steps:]
    assert want.argmax(-1).tolist() == tokens, f"{folder}: f32 and f64 choose different tokens"
    error = nmse(logits[0], want)
    assert error < 1e-10, f"{folder}: f32 and f64 differ by NMSE {error:.1e}"
    return tokens, want


def expectation(prompt: list[int], tokens: list[int], logits: torch.Tensor, rows: int) -> dict:
    """What tests/support/fixture.rs reads: logits as the shortest digits that give the same f32 again."""
    digits = lambda row: [float(str(v)) for v in row.float().numpy()]
    return {
        "prompt": prompt,
        "logits": [digits(row) for row in logits[:rows]],
        "greedy": tokens,
        "margin": float(f"{margins(logits).min().item():.4g}"),
    }
