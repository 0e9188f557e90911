//! A page's values as ours. `JSON.parse` and the structured clone have made them: no getter and no proxy among them.

use js_sys::{Array, ArrayBuffer, JSON, Object};
use wasm_bindgen::{JsCast as _, JsValue};

use super::{DEPTH, Value};

/// The value that a JSON text is, by the page's own parser.
///
/// # Errors
/// What that one says.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    JSON::parse(text).map(|v| value(&v)).map_err(|e| String::from(Object::from(e).to_string()))
}

/// A JavaScript value.
pub(crate) fn value(v: &JsValue) -> Value {
    nested(v, DEPTH)
}

fn nested(v: &JsValue, levels: u32) -> Value {
    if v.is_null() || v.is_undefined() {
        Value::Null
    } else if let Some(text) = v.as_string() {
        Value::Text(text)
    } else if let Some(flag) = v.as_bool() {
        Value::Flag(flag)
    } else if let Some(n) = v.as_f64() {
        // Beyond 2^53 a number no longer says which one it is.
        if n.fract() == 0.0 && n.abs() <= 9_007_199_254_740_992.0 { Value::Whole(n as i64) } else { Value::Number(n) }
    } else if levels == 0 {
        Value::Other("nested too deeply")
    } else if Array::is_array(v) {
        Value::List(v.unchecked_ref::<Array>().iter().map(|item| nested(&item, levels - 1)).collect())
    } else if !v.is_object() || ArrayBuffer::is_view(v) {
        Value::Other("neither text nor number, list nor object")
    } else {
        let mut pairs = Vec::new();
        entries(v, |key, item| pairs.push((key, nested(item, levels - 1))));
        Value::Map(pairs.into_iter().collect())
    }
}

/// Each name of an object with what it has there.
pub(crate) fn entries(object: &JsValue, mut each: impl FnMut(String, &JsValue)) {
    for pair in Object::entries(object.unchecked_ref()).iter() {
        let pair: &Array = pair.unchecked_ref();
        each(pair.get(0).as_string().unwrap_or_default(), &pair.get(1));
    }
}
