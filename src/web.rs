//! The border to JavaScript, and nothing else: values in, values out, errors by their names.

mod exception;
mod plain;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object, Reflect, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;

use crate::copy::brief::Input;
use crate::embedder::Embedder;
use crate::engine::{Counters, Engine as Gpu};
use crate::error::Kind;
use crate::fields::FromValue;
use crate::generate::Delta;
use crate::generate::constraint::Table;
use crate::gpu::GpuOptions;
use crate::json::page;
use crate::model::quantize::Quantize;
use crate::selfcheck::checked_engine;
use crate::text::{TextError, Tokenizer, Vocabulary};
use crate::writer::completion::CompletionRequest;
use crate::writer::load::Loader;
use crate::writer::{Options, WriteError, Writer};
use exception::{dom_exception, exception};
use plain::plain;

#[wasm_bindgen]
extern "C" {
    /// The page's tokenizer.
    #[wasm_bindgen(typescript_type = "{ encode(text: string): Uint32Array; readonly frame: Uint32Array }")]
    pub type JsTokenizer;
    #[wasm_bindgen(method, catch)]
    fn encode(this: &JsTokenizer, text: &str) -> Result<Uint32Array, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn frame(this: &JsTokenizer) -> Uint32Array;
}

impl Tokenizer for JsTokenizer {
    fn encode(&self, text: &str) -> Result<Vec<u32>, TextError> {
        let ids = JsTokenizer::encode(self, text).map_err(|e| TextError::Tokenizer(format!("{e:?}")))?;
        Ok(ids.to_vec())
    }

    fn frame(&self) -> Result<Vec<u32>, TextError> {
        Ok(JsTokenizer::frame(self).to_vec())
    }
}

/// Stops work between two submissions to the GPU.
#[wasm_bindgen]
#[derive(Default)]
pub struct Cancel(Rc<Cell<bool>>);

#[wasm_bindgen]
impl Cancel {
    /// Not cancelled yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }
    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.0.set(true);
    }
}

/// Bytes of a chunk that are here at a time, however large it is.
const WINDOW: usize = 1 << 18;

/// What the engine holds at a time.
enum Stage {
    Empty(Rc<Gpu>),
    Loading(Box<Loader>),
    Ready(Box<Writer>),
    Encoder(Box<Embedder>),
    /// A call has it, or it was destroyed.
    Away,
}

/// One GPU device with at most one model. One call at a time; the worker queues.
#[wasm_bindgen]
pub struct Engine {
    stage: Rc<RefCell<Stage>>,
    counters: Rc<Cell<Counters>>,
    /// Models are encoders; how many tokens of a text count.
    encoder: Cell<Option<u32>>,
    health: crate::gpu::Health,
    info: crate::gpu::AdapterInfo,
}

#[wasm_bindgen]
impl Engine {
    /// Asks for an adapter and a device, and checks that they compute what they must.
    pub async fn create(options: JsValue) -> Result<Engine, JsValue> {
        let options: GpuOptions = value(&options)?;
        let engine = checked_engine(&options).await.map_err(|e| exception(e.kind(), &e))?;
        let (info, health, counters) = (engine.gpu.info.clone(), engine.gpu.health.clone(), engine.counters_handle());
        Ok(Self {
            stage: Rc::new(RefCell::new(Stage::Empty(engine))),
            counters,
            encoder: Cell::default(),
            health,
            info,
        })
    }

    /// The adapter's names.
    pub fn adapter(&self) -> Result<JsValue, JsValue> {
        plain(&self.info)
    }

    /// Whether the device is gone; only a new engine helps then.
    pub fn lost(&self) -> bool {
        self.health.lost()
    }

    /// Totals since the engine was made.
    pub fn counters(&self) -> Result<JsValue, JsValue> {
        let heap_bytes = (core::arch::wasm32::memory_size::<0>() as u64) << 16;
        plain(&Counters { heap_bytes, ..self.counters.get() })
    }

    /// Begins a model with its manifest and configuration (JSON texts), quantised on its way: `"none"`, `"q8"`, `"q4"`.
    #[wasm_bindgen(js_name = beginModel)]
    pub fn begin_model(&self, manifest: &str, config: &str, quantize: JsValue) -> Result<(), JsValue> {
        let quantize: Quantize = value(&quantize)?;
        self.begin(quantize, |engine| Loader::new(engine, manifest.as_bytes(), config.as_bytes()))
    }

    /// The same of GGUF files, with what their own module says of them: see `model::gguf::Description`.
    #[wasm_bindgen(js_name = beginDescribed)]
    pub fn begin_described(&self, manifest: &str, config: &str, lists: &str, quantize: JsValue) -> Result<(), JsValue> {
        let quantize: Quantize = value(&quantize)?;
        self.begin(quantize, |engine| Loader::described(engine, manifest.as_bytes(), config.as_bytes(), lists))
    }

    /// The next chunk of a file; the promise is back-pressure.
    #[wasm_bindgen(js_name = pushModel)]
    pub async fn push_model(&self, file: String, chunk: Uint8Array) -> Result<(), JsValue> {
        let mut loader = self.loader()?;
        let mut outcome = Ok(());
        for start in (0..chunk.length()).step_by(WINDOW) {
            let window = chunk.subarray(start, chunk.length().min(start + WINDOW as u32)).to_vec();
            outcome = loader.push(&file, &window);
            if outcome.is_ok() {
                outcome = loader.settle().await;
            }
            if outcome.is_err() {
                break;
            }
        }
        match outcome {
            Ok(()) => self.put(Stage::Loading(loader)),
            Err(e) => {
                self.put(Stage::Empty(loader.abandon()));
                return Err(thrown(&e));
            }
        }
        Ok(())
    }

    /// Checks that all came, compiles, and takes the page's tokenizer; `vocabulary` is what a `tokenizer.json` holds.
    #[wasm_bindgen(js_name = finishModel)]
    pub async fn finish_model(&self, vocabulary: JsValue, tokenizer: JsTokenizer) -> Result<(), JsValue> {
        let loader = self.loader()?;
        let engine = loader.engine();
        let (stage, outcome) = match self.made(*loader, vocabulary, Box::new(tokenizer)).await {
            Ok(stage) => (stage, Ok(())),
            Err(e) => (Stage::Empty(engine), Err(thrown(&e))),
        };
        self.put(stage);
        outcome
    }

    /// From now on models are encoders, of whose texts so many tokens count; 0: as many as the model takes.
    #[wasm_bindgen(js_name = expectEncoder)]
    pub fn expect_encoder(&self, max_tokens: u32) {
        self.encoder.set(Some(max_tokens));
    }

    /// Numbers of an embedding, and tokens of a text that count.
    pub fn encoder(&self) -> Result<Vec<u32>, JsValue> {
        match &*self.stage.try_borrow().map_err(|_| busy())? {
            Stage::Encoder(embedder) => Ok(vec![embedder.dimensions(), embedder.max_tokens()]),
            _ => Err(busy()),
        }
    }

    /// A vector for each text, one behind the other.
    pub async fn embed(&self, texts: Vec<String>, cancel: &Cancel) -> Result<Vec<f32>, JsValue> {
        let cancelled = cancel.0.clone();
        let mut embedder = self.embedder()?;
        let outcome = embedder.flat(&texts, &|| cancelled.get()).await;
        self.put(Stage::Encoder(embedder));
        outcome.map_err(|e| thrown(&e))
    }

    /// Tokens that an input may have.
    #[wasm_bindgen(js_name = inputQuota)]
    pub fn input_quota(&self) -> Result<u32, JsValue> {
        self.peek(|writer| Ok(writer.input_quota()))
    }

    /// Tokens that a prompt and what follows it may have together.
    pub fn context(&self) -> Result<u32, JsValue> {
        self.peek(|writer| Ok(writer.context()))
    }

    /// Tokens that this input has; `defaults` as in [`Engine::write`].
    pub fn measure(&self, input: JsValue, defaults: JsValue) -> Result<u32, JsValue> {
        let input = asked(input, &defaults)?;
        self.peek(|writer| writer.measure(&input).map_err(|e| thrown(&e)))
    }

    /// Writes copy for a brief, or for a plain text with the fields of `defaults` around it. `on` gets
    /// `{index, text}`.
    pub async fn write(
        &self,
        input: JsValue,
        defaults: JsValue,
        options: JsValue,
        on: Function,
        cancel: &Cancel,
    ) -> Result<JsValue, JsValue> {
        let input = asked(input, &defaults)?;
        let options: Options = value(&options)?;
        let cancelled = cancel.0.clone();
        let mut writer = self.writer()?;
        let outcome = writer.write(&input, &options, &mut |d| tell(&on, &d), &|| cancelled.get()).await;
        self.put(Stage::Ready(writer));
        plain(&outcome.map_err(|e| thrown(&e))?)
    }

    /// Completions in OpenAI's shape. `on` gets `{index, text}`. `form` is what the module for schemas has made.
    pub async fn complete(
        &self,
        request: JsValue,
        on: Function,
        cancel: &Cancel,
        form: Option<Vec<u32>>,
    ) -> Result<JsValue, JsValue> {
        let mut request: CompletionRequest = value(&request)?;
        if let Some(words) = form {
            let table = Table::read(&words);
            request.table = Some(table.ok_or_else(|| exception(Kind::Data, &"a form is no automaton"))?);
        }
        let cancelled = cancel.0.clone();
        let mut writer = self.writer()?;
        let outcome = writer.complete(&request, &mut |d| tell(&on, &d), &|| cancelled.get()).await;
        self.put(Stage::Ready(writer));
        plain(&outcome.map_err(|e| thrown(&e))?)
    }

    /// Frees the model and the device.
    pub fn destroy(&self) -> Result<(), JsValue> {
        // Dropping the last holder of the engine destroys the device.
        match self.take()? {
            Stage::Empty(engine) => drop(engine),
            Stage::Loading(loader) => drop(loader.abandon()),
            Stage::Ready(writer) => drop(writer.close()),
            Stage::Encoder(embedder) => drop(embedder.close()),
            Stage::Away => {}
        }
        Ok(())
    }

    fn begin(
        &self,
        quantize: Quantize,
        loader: impl FnOnce(Rc<Gpu>) -> Result<Loader, WriteError>,
    ) -> Result<(), JsValue> {
        let engine = match self.take()? {
            Stage::Empty(engine) => engine,
            Stage::Loading(loader) => loader.abandon(),
            Stage::Ready(writer) => writer.close(),
            Stage::Encoder(embedder) => embedder.close(),
            Stage::Away => return Err(busy()),
        };
        let loader = loader(engine.clone()).map(|loader| loader.quantized(quantize));
        let checked = loader.and_then(|loader| {
            loader.expect_encoder(self.encoder.get().is_some())?;
            loader.check_room().map(|()| loader)
        });
        match checked {
            Ok(loader) => self.put(Stage::Loading(Box::new(loader))),
            Err(e) => {
                self.put(Stage::Empty(engine));
                return Err(thrown(&e));
            }
        }
        Ok(())
    }

    fn take(&self) -> Result<Stage, JsValue> {
        let mut stage = self.stage.try_borrow_mut().map_err(|_| busy())?;
        Ok(std::mem::replace(&mut *stage, Stage::Away))
    }

    fn put(&self, stage: Stage) {
        if let Ok(mut slot) = self.stage.try_borrow_mut() {
            *slot = stage;
        }
    }

    fn loader(&self) -> Result<Box<Loader>, JsValue> {
        match self.take()? {
            Stage::Loading(loader) => Ok(loader),
            other => {
                self.put(other);
                Err(busy())
            }
        }
    }

    fn writer(&self) -> Result<Box<Writer>, JsValue> {
        match self.take()? {
            Stage::Ready(writer) => Ok(writer),
            other => {
                self.put(other);
                Err(busy())
            }
        }
    }

    fn embedder(&self) -> Result<Box<Embedder>, JsValue> {
        match self.take()? {
            Stage::Encoder(embedder) => Ok(embedder),
            other => {
                self.put(other);
                Err(busy())
            }
        }
    }

    /// What a loader that has everything makes.
    async fn made(&self, loader: Loader, file: JsValue, tokenizer: Box<dyn Tokenizer>) -> Result<Stage, WriteError> {
        let vocabulary = Vocabulary::from_page(&file)?;
        // Its tokens are here now; the page's are free to go.
        drop(file);
        let Some(most) = self.encoder.get() else {
            return Ok(Stage::Ready(Box::new(loader.finish(tokenizer, vocabulary).await?)));
        };
        let mut embedder = loader.finish_embedder(tokenizer, vocabulary).await?;
        if most > 0 {
            embedder.set_max_tokens(most);
        }
        Ok(Stage::Encoder(Box::new(embedder)))
    }

    fn peek<T>(&self, look: impl FnOnce(&Writer) -> Result<T, JsValue>) -> Result<T, JsValue> {
        match &*self.stage.try_borrow().map_err(|_| busy())? {
            Stage::Ready(writer) => look(writer),
            _ => Err(busy()),
        }
    }
}

fn busy() -> JsValue {
    dom_exception("the engine is busy, has no model, or was destroyed", Kind::InvalidState.name())
}

fn tell(on: &Function, delta: &Delta) {
    let event = Object::new();
    let set = |name: &str, v: JsValue| Reflect::set(&event, &name.into(), &v).is_ok();
    if set("index", delta.index.into()) && set("text", delta.text.as_str().into()) {
        // What a listener throws is its own affair and must not end the text.
        let _ = on.call1(&JsValue::UNDEFINED, &event);
    }
}

/// A brief as it is; a plain text as the brief that it amounts to, whose name and features go over `defaults`.
fn asked(input: JsValue, defaults: &JsValue) -> Result<Input, JsValue> {
    let Some(text) = input.as_string() else { return value(&input) };
    let brief = Input::Text(text).brief().map_err(|e| exception(e.kind(), &e))?;
    let merged = Object::assign(&Object::new(), &Object::from(defaults.clone()));
    let set = |name: &str, v: JsValue| Reflect::set(&merged, &name.into(), &v).map(drop);
    set("name", plain(&brief.name)?)?;
    if !brief.features.is_empty() {
        set("features", plain(&brief.features)?)?;
    }
    if Reflect::get(&merged, &"format".into())?.is_undefined() {
        set("format", plain(&brief.format)?)?;
    }
    value(&merged)
}

/// A JavaScript value as ours; what does not fit is a TypeError that names the field.
fn value<T: FromValue>(v: &JsValue) -> Result<T, JsValue> {
    T::from_value(page::value(v)).map_err(|e| exception(Kind::Type, &e))
}

fn thrown(e: &WriteError) -> JsValue {
    exception(e.kind(), e)
}
