//! Errors as JavaScript knows them.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use crate::error::Kind;

/// A `DOMException` of the kind's name, or a `TypeError`.
pub fn exception(kind: Kind, e: &dyn std::fmt::Display) -> JsValue {
    let message = e.to_string();
    if kind == Kind::Type {
        return js_sys::TypeError::new(&message).into();
    }
    let exception = dom_exception(&message, kind.name());
    if let Kind::QuotaExceeded { requested, quota } = kind {
        for (name, v) in [("requested", requested), ("quota", quota)] {
            let _ = Reflect::set(&exception, &name.into(), &JsValue::from_f64(v as f64));
        }
    }
    exception
}

/// A `DOMException`.
pub fn dom_exception(message: &str, name: &str) -> JsValue {
    match web_sys::DomException::new_with_message_and_name(message, name) {
        Ok(exception) => exception.into(),
        Err(other) => other,
    }
}
