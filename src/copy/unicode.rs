//! Unicode's own algorithms, by whoever has them: in a page the browser, natively two crates. Their tables
//! would be a third of the module that a page downloads.

/// What is asked of a character. One type for all such questions: then a page has one search for all of them.
pub type Is = fn(char) -> bool;

/// Normalization Form C (UAX #15).
#[must_use]
pub fn nfc(text: &str) -> String {
    platform::nfc(text)
}

/// Normalization Form KD (UAX #15): accents apart from their letters, and plain letters for those of compatibility.
#[must_use]
pub fn decompose(text: &str) -> String {
    platform::decompose(text)
}

/// A text in lower case, in no language's own way.
#[must_use]
pub fn lower(text: &str) -> String {
    platform::lower(text)
}

/// The extended grapheme clusters of a text, in order: what a reader sees as one character each (UAX #29).
#[must_use]
pub fn graphemes(text: &str) -> Vec<String> {
    platform::graphemes(text)
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use unicode_normalization::UnicodeNormalization as _;
    use unicode_segmentation::UnicodeSegmentation as _;

    pub fn nfc(text: &str) -> String {
        text.nfc().collect()
    }

    pub fn decompose(text: &str) -> String {
        text.nfkd().collect()
    }

    pub fn lower(text: &str) -> String {
        text.to_lowercase()
    }

    pub fn graphemes(text: &str) -> Vec<String> {
        text.graphemes(true).map(str::to_owned).collect()
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        type Segmenter;
        #[wasm_bindgen(constructor, js_namespace = Intl)]
        fn new(locale: &str, options: &JsValue) -> Segmenter;
        #[wasm_bindgen(method)]
        fn segment(this: &Segmenter, text: &str) -> js_sys::Object;
    }

    pub fn nfc(text: &str) -> String {
        js_sys::JsString::from(text).normalize("NFC").into()
    }

    pub fn decompose(text: &str) -> String {
        js_sys::JsString::from(text).normalize("NFKD").into()
    }

    pub fn lower(text: &str) -> String {
        js_sys::JsString::from(text).to_lower_case().into()
    }

    pub fn graphemes(text: &str) -> Vec<String> {
        // Segmenters cut graphemes unless told otherwise. Clusters do not depend on the language.
        let segments = Segmenter::new("und", &JsValue::UNDEFINED).segment(text);
        let cut = |part: JsValue| js_sys::Reflect::get(&part, &"segment".into()).ok()?.as_string();
        js_sys::Array::from(&segments).iter().filter_map(cut).collect()
    }
}
