//! Puts the functions of a module into an order in which those that resemble each other are neighbours: gzip looks for what
//! repeats in the last 32 KiB and nowhere else. The module does the same and has the same length; functions may stand in any
//! order, as long as all indices follow (WebAssembly Core Specification 2.0, 2.5.3 and 3.4.10).

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::fs;
use std::path::Path;

use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{BinaryReaderError, CodeSectionReader, FunctionBody, FunctionSectionReader, Parser, Payload, TypeRef};

use crate::size::gzip;
use crate::tools::Result;

/// How far back deflate looks, in bytes (RFC 1951, 2), and what is near enough for short distances.
const WINDOWS: [usize; 3] = [20 * 1024, 24 * 1024, 32 * 1024];

/// Pieces of this many bytes are compared. Of 4 to 8 this gave the smallest file.
const PIECE: usize = 6;

/// What is shared is divided by the length to a power, in hundredths. Which one is best differs from module to module, by chance,
/// by up to 800 bytes.
const POWERS: std::ops::RangeInclusive<u32> = 50..=90;

/// Rewrites the module at this path: the smallest of some arrangements, as gzip counts.
pub fn arrange(wasm: &Path) -> Result<()> {
    let failed = |e: &dyn std::fmt::Display| format!("{}: {e}", wasm.display());
    let bytes = fs::read(wasm).map_err(|e| failed(&e))?;
    let (imported, bodies) = functions(&bytes).map_err(|e| failed(&e))?;
    let texts = Texts::new(bodies.iter().map(FunctionBody::as_bytes));
    let mut best = bytes.clone();
    let mut least = u64::MAX;
    for (power, window) in POWERS.flat_map(|power| WINDOWS.map(|window| (f64::from(power) / 100.0, window))) {
        let module = ordered(&bytes, imported, texts.neighbours(power, window)).map_err(|e| failed(&e))?;
        let size = gzip(&module).map_err(|e| failed(&e))?;
        if size < least {
            (best, least) = (module, size);
        }
    }
    fs::write(wasm, best).map_err(|e| failed(&e))
}

/// The module with its own functions in this order.
fn ordered(bytes: &[u8], imported: u32, order: Vec<usize>) -> std::result::Result<Vec<u8>, Error<Infallible>> {
    let mut place = vec![0; order.len()];
    for (new, &old) in (0..).zip(&order) {
        place[old] = new;
    }
    let mut module = Module::new();
    Arranged { imported, order, place }.parse_core_module(&mut module, Parser::new(0), bytes)?;
    Ok(module.finish())
}

/// How many functions a module imports, and the bodies of its own.
fn functions(bytes: &[u8]) -> std::result::Result<(u32, Vec<FunctionBody<'_>>), BinaryReaderError> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body),
            _ => (),
        }
    }
    Ok((imported, bodies))
}

/// Writes a module with its own functions in this order: first `order[0]`, which becomes `place[order[0]]`, 0.
struct Arranged {
    imported: u32,
    order: Vec<usize>,
    place: Vec<u32>,
}

impl Reencode for Arranged {
    type Error = Infallible;

    fn function_index(&mut self, index: u32) -> std::result::Result<u32, Error<Infallible>> {
        // Imports come first, and stay.
        let own = index.checked_sub(self.imported);
        Ok(own.map_or(index, |own| self.imported + self.place[own as usize]))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> std::result::Result<(), Error<Infallible>> {
        let types = section.into_iter().collect::<std::result::Result<Vec<_>, _>>()?;
        for &old in &self.order {
            functions.function(types[old]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> std::result::Result<(), Error<Infallible>> {
        let bodies = section.into_iter().collect::<std::result::Result<Vec<_>, _>>()?;
        for old in self.order.clone() {
            self.parse_function_body(code, bodies[old].clone())?;
        }
        Ok(())
    }
}

/// Texts and what they share.
struct Texts {
    lengths: Vec<usize>,
    /// The pieces of each text, and the texts that have each piece.
    pieces: Vec<Vec<usize>>,
    owners: Vec<Vec<usize>>,
}

impl Texts {
    fn new<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut known = HashMap::new();
        let mut this = Self { lengths: Vec::new(), pieces: Vec::new(), owners: Vec::new() };
        for (i, text) in texts.enumerate() {
            let mut own = Vec::new();
            for piece in text.windows(PIECE) {
                let next = known.len();
                let id = *known.entry(piece).or_insert(next);
                if id == this.owners.len() {
                    this.owners.push(Vec::new());
                }
                if this.owners[id].last() != Some(&i) {
                    this.owners[id].push(i);
                    own.push(id);
                }
            }
            this.pieces.push(own);
            this.lengths.push(text.len());
        }
        this
    }

    /// An order in which each text resembles those before it: the longest first, then always the one that shares most pieces
    /// with the last `most` bytes. A rare piece says more than a common one; of two that share as much, the shorter one is nearer.
    fn neighbours(&self, power: f64, most: usize) -> Vec<usize> {
        let weights: Vec<f64> = self.owners.iter().map(|all| 1.0 / (all.len() as f64).sqrt()).collect();
        // Eight bytes more: a short one that shares all it has gains little.
        let sizes: Vec<f64> = self.lengths.iter().map(|&length| (length as f64 + 8.0).powf(power)).collect();

        // For each text the weight of the pieces that it shares with the window; how often a piece is in there.
        let (mut shared, mut inside) = (vec![0.0; sizes.len()], vec![0_usize; weights.len()]);
        let (mut window, mut size) = (VecDeque::new(), 0);
        let mut left: Vec<usize> = (0..sizes.len()).collect();
        left.sort_by_key(|&i| std::cmp::Reverse(self.lengths[i]));
        let mut order = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let likeness = |at: usize| shared[left[at]] / sizes[left[at]];
            // The first of equals: the longest.
            let at = (1..left.len()).fold(0, |best, at| if likeness(at) > likeness(best) { at } else { best });
            let next = left.remove(at);
            order.push(next);
            window.push_back(next);
            size += self.lengths[next];
            for &piece in &self.pieces[next] {
                inside[piece] += 1;
                if inside[piece] == 1 {
                    self.owners[piece].iter().for_each(|&i| shared[i] += weights[piece]);
                }
            }
            while size > most && window.len() > 1 {
                let Some(gone) = window.pop_front() else { break };
                size -= self.lengths[gone];
                for &piece in &self.pieces[gone] {
                    inside[piece] -= 1;
                    if inside[piece] == 0 {
                        self.owners[piece].iter().for_each(|&i| shared[i] -= weights[piece]);
                    }
                }
            }
        }
        order
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use wasm_encoder::{
        ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function, FunctionSection,
        ImportSection, TableSection, TableType, TypeSection,
    };

    fn neighbours(texts: &[&[u8]]) -> Vec<usize> {
        Texts::new(texts.iter().copied()).neighbours(0.8, WINDOWS[2])
    }

    fn arranged(bytes: &[u8]) -> std::result::Result<Vec<u8>, Error<Infallible>> {
        let (imported, bodies) = functions(bytes)?;
        let texts: Vec<_> = bodies.iter().map(FunctionBody::as_bytes).collect();
        ordered(bytes, imported, neighbours(&texts))
    }

    #[test]
    fn what_resembles_stands_together() {
        let texts: [&[u8]; 4] = [b"a text about cats, long", b"0123456789", b"a text about dogs", b"x0123456789"];
        assert_eq!(neighbours(&texts), [0, 2, 3, 1]);
        assert_eq!(neighbours(&[]), [0_usize; 0]);
        assert_eq!(neighbours(&[b"", b"short"]), [1, 0]);
    }

    /// One import; six functions of four lengths, of which each gives its number, and the last one calls the second.
    fn module() -> Vec<u8> {
        let (mut types, mut imports, mut functions, mut exports, mut code, mut tables, mut elements) = (
            TypeSection::new(),
            ImportSection::new(),
            FunctionSection::new(),
            ExportSection::new(),
            CodeSection::new(),
            TableSection::new(),
            ElementSection::new(),
        );
        types.ty().function([], [wasm_encoder::ValType::I32]);
        imports.import("m", "f", EntityType::Function(0));
        for i in 0..6 {
            functions.function(0);
            let mut body = Function::new([]);
            (0..i % 4 * 9).for_each(|_| _ = body.instructions().i32_const(1234 + i).drop());
            body.instructions().i32_const(i);
            if i == 5 {
                body.instructions().drop().call(0).drop().call(2);
            }
            body.instructions().end();
            code.function(&body);
            exports.export(&format!("f{i}"), ExportKind::Func, 1 + i as u32);
        }
        tables.table(TableType {
            element_type: wasm_encoder::RefType::FUNCREF,
            minimum: 6,
            maximum: None,
            table64: false,
            shared: false,
        });
        elements.active(None, &ConstExpr::i32_const(0), Elements::Functions((0..6).collect::<Vec<_>>().into()));
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&tables).section(&exports);
        module.section(&elements).section(&code);
        module.finish()
    }

    /// What stands behind each export, by its name.
    fn behind(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
        let (imported, bodies) = functions(bytes).unwrap();
        let mut all = Vec::new();
        for payload in Parser::new(0).parse_all(bytes) {
            if let Payload::ExportSection(exports) = payload.unwrap() {
                for export in exports {
                    let export = export.unwrap();
                    let body = bodies[(export.index - imported) as usize].as_bytes();
                    all.push((export.name.to_owned(), body.to_vec()));
                }
            }
        }
        all
    }

    #[test]
    fn every_name_leads_to_its_function() {
        let (before, after) = (module(), arranged(&module()).unwrap());
        assert_eq!(before.len(), after.len());
        assert_ne!(before, after, "nothing was moved");
        let (old, new) = (behind(&before), behind(&after));
        assert_eq!(old[..5], new[..5]);
        // Of the last one the called index differs: it is the place of the second one now.
        let calls = |all: &[(String, Vec<u8>)]| {
            let body = &all[5].1;
            (body[..body.len() - 2].to_vec(), u32::from(body[body.len() - 2]))
        };
        assert_eq!(calls(&old).0, calls(&new).0);
        let (_, bodies) = functions(&after).unwrap();
        assert_eq!(bodies[calls(&new).1 as usize - 1].as_bytes(), old[1].1);
    }

    #[test]
    fn what_is_no_module_is_an_error() {
        assert!(arranged(b"\0asm\x01\0\0\0\x0a\xff").is_err());
        assert!(arranged(b"text").is_err());
    }
}
