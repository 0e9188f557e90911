//! Which tensors of a checkpoint make which matrix and which vector of the model: names as data, one table for each way
//! of naming.

use super::config::{Config, Family, Positions};
use super::weights::{Layer, Linear, Norm, Weights};

/// A tensor that a checkpoint must hold: its key, and its shape (rows, cols); rows are 1 for a vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Key in the checkpoint.
    pub key: String,
    /// Rows, 1 for a vector.
    pub rows: u32,
    /// Columns.
    pub cols: u32,
    /// The checkpoint's shape has one dimension.
    pub vector: bool,
    /// It lies in the file as (cols, rows).
    pub transposed: bool,
}

/// A matrix to be: the tensors whose rows it takes over, one after the other.
#[derive(Debug)]
pub struct MatrixPlan {
    /// For messages.
    pub name: String,
    /// Tensors of the checkpoint, with their rows.
    pub sources: Vec<(String, u32)>,
    /// Columns.
    pub cols: u32,
    /// Its first half are gates, its second half what they let through.
    pub paired: bool,
    /// The tensors lie in the file as (cols, rows).
    pub transposed: bool,
}

/// A vector or a small table to be, in f32.
#[derive(Debug)]
pub struct VectorPlan {
    /// Tensors of the checkpoint: key, rows there (0: it has one dimension), elements that are taken.
    pub sources: Vec<(String, u32, u32)>,
    /// (rows, cols) on the GPU.
    pub rows: u32,
    /// Columns.
    pub cols: u32,
    /// Added to each element.
    pub offset: f32,
}

/// All of a model; its weights are places in these lists.
#[derive(Debug, Default)]
pub struct Layout {
    /// Matrices.
    pub matrices: Vec<MatrixPlan>,
    /// Vectors.
    pub vectors: Vec<VectorPlan>,
    /// Every tensor that the checkpoint must hold.
    pub wanted: Vec<Wanted>,
}

impl Layout {
    /// What a model of this configuration is made of.
    #[must_use]
    pub fn new(c: &Config) -> (Self, Weights<usize, usize>) {
        let mut l = Self::default();
        let d = c.hidden_size;
        let (embed, table, norm, head) = match c.family {
            Family::Gpt2 => ("wte", "wpe", "ln_f", "lm_head"),
            Family::Bert => {
                ("embeddings.word_embeddings", "embeddings.position_embeddings", "embeddings.LayerNorm", "")
            }
            _ => ("model.embed_tokens", "", "model.norm", "lm_head"),
        };
        let embed_tokens = l.matrix(embed, &[("", c.vocab_size)], d, false, false);
        let positions = (c.positions == Positions::Learned).then(|| {
            let count = c.max_position_embeddings;
            // A last row for what is added to every token: the embedding of BERT's first segment.
            let mut sources = vec![(weight(table), count, count * d)];
            if c.family == Family::Bert {
                sources.push((weight("embeddings.token_type_embeddings"), 2, d));
            }
            l.vector(VectorPlan { sources, rows: count + 1, cols: d, offset: 0.0 })
        });
        let layers = (0..c.num_hidden_layers).map(|i| l.layer(c, i)).collect();
        let norm = l.norm(c, norm);
        let tied = c.tie_word_embeddings || c.family == Family::Bert;
        let lm_head = if tied { embed_tokens } else { l.matrix(head, &[("", c.vocab_size)], d, false, false) };
        if let (Some(key), Some(rotary)) = (&c.rope_divisors, c.rotary.first()) {
            let cols = rotary.inverse.len() as u32;
            l.wanted.push(Wanted { key: key.clone(), rows: 1, cols, vector: true, transposed: false });
        }
        let weights = Weights { embed_tokens, positions, layers, norm, lm_head, tied };
        (l, weights)
    }

    fn layer(&mut self, c: &Config, i: u32) -> Layer<usize, usize> {
        let (d, inner) = (c.hidden_size, c.intermediate_size);
        let (q, kv) = (c.num_attention_heads * c.head_dim, c.num_key_value_heads * c.head_dim);
        let split: &[(&str, u32)] = match c.family {
            Family::Gpt2 => &[("c_attn", q + 2 * kv)],
            Family::Bert => &[("query", q), ("key", kv), ("value", kv)],
            _ if c.fused => &[("qkv_proj", q + 2 * kv)],
            _ => &[("q_proj", q), ("k_proj", kv), ("v_proj", kv)],
        };
        let whole = [("", d)];
        let pair: &[(&str, u32)] = match c.family {
            _ if !c.activation.gated() => &[("", inner)],
            _ if c.fused => &[("gate_up_proj", 2 * inner)],
            _ => &[("gate_proj", inner), ("up_proj", inner)],
        };
        // Names of: norm before attention, its inputs, its output, norm behind it, norm before the feed-forward block,
        // its inputs, its output, norm behind it.
        let names = match c.family {
            Family::Gpt2 => ["ln_1", "attn.", "attn.c_proj", "", "ln_2", "mlp.c_fc", "mlp.c_proj", ""],
            Family::Bert => [
                "",
                "attention.self.",
                "attention.output.dense",
                "attention.output.LayerNorm",
                "",
                "intermediate.dense",
                "output.dense",
                "output.LayerNorm",
            ],
            _ => [
                "input_layernorm",
                "self_attn.",
                "self_attn.o_proj",
                if c.post_norms { "post_attention_layernorm" } else { "" },
                if c.post_norms { "pre_feedforward_layernorm" } else { "post_attention_layernorm" },
                "mlp.",
                "mlp.down_proj",
                if c.post_norms { "post_feedforward_layernorm" } else { "" },
            ],
        };
        let at = match c.family {
            Family::Gpt2 => format!("h.{i}."),
            Family::Bert => format!("encoder.layer.{i}."),
            _ => format!("model.layers.{i}."),
        };
        let [n1, qkv, o, n2, n3, up, down, n4] =
            names.map(|n| if n.is_empty() { String::new() } else { format!("{at}{n}") });
        let t = c.transposed;
        let qk_norm = c.qk_norm.then(|| {
            let sources = ["q_norm", "k_norm"].map(|n| (weight(&format!("{qkv}{n}")), 0, c.head_dim)).into();
            self.vector(VectorPlan { sources, rows: 2, cols: c.head_dim, offset: c.norm_offset })
        });
        Layer {
            input_norm: self.norm(c, &n1),
            qkv_proj: self.linear(&qkv, split, d, (c.qkv_bias, false, t)),
            qk_norm,
            o_proj: self.linear(&o, &whole, q, (c.o_bias, false, t)),
            attention_norm: self.norm(c, &n2),
            mlp_norm: self.norm(c, &n3),
            up_proj: self.linear(&up, pair, d, (c.mlp_bias, c.activation.gated(), t)),
            down_proj: self.linear(&down, &whole, inner, (c.mlp_bias, false, t)),
            output_norm: self.norm(c, &n4),
        }
    }

    fn matrix(&mut self, name: &str, parts: &[(&str, u32)], cols: u32, paired: bool, transposed: bool) -> usize {
        let sources: Vec<_> = parts.iter().map(|(part, rows)| (weight(&format!("{name}{part}")), *rows)).collect();
        self.wanted.extend(sources.iter().map(|(key, rows)| Wanted {
            key: key.clone(),
            rows: *rows,
            cols,
            vector: false,
            transposed,
        }));
        self.matrices.push(MatrixPlan { name: name.into(), sources, cols, paired, transposed });
        self.matrices.len() - 1
    }

    fn vector(&mut self, plan: VectorPlan) -> usize {
        self.wanted.extend(plan.sources.iter().map(|(key, rows, len)| Wanted {
            key: key.clone(),
            rows: (*rows).max(1),
            cols: if *rows == 0 { *len } else { plan.cols },
            vector: *rows == 0,
            transposed: false,
        }));
        self.vectors.push(plan);
        self.vectors.len() - 1
    }

    fn linear(
        &mut self,
        name: &str,
        parts: &[(&str, u32)],
        cols: u32,
        (biased, paired, transposed): (bool, bool, bool),
    ) -> Linear<usize, usize> {
        let weight = self.matrix(name, parts, cols, paired, transposed);
        let bias = biased.then(|| {
            let sources = parts.iter().map(|(part, rows)| (format!("{name}{part}.bias"), 0, *rows)).collect();
            self.vector(VectorPlan { sources, rows: 1, cols: parts.iter().map(|p| p.1).sum(), offset: 0.0 })
        });
        Linear { weight, bias }
    }

    /// A norm of this name; none without a name.
    fn norm(&mut self, c: &Config, name: &str) -> Option<Norm<usize>> {
        let mut one = |suffix: &str, offset: f32| {
            let sources = vec![(format!("{name}.{suffix}"), 0, c.hidden_size)];
            self.vector(VectorPlan { sources, rows: 1, cols: c.hidden_size, offset })
        };
        (!name.is_empty())
            .then(|| Norm { gain: one("weight", c.norm_offset), bias: c.layer_norm.then(|| one("bias", 0.0)) })
    }
}

fn weight(name: &str) -> String {
    format!("{name}.weight")
}
