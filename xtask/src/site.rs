//! Which file answers a request, and as what type. No sockets here.

use std::path::{Path, PathBuf};

/// The strictest policy under which everything works.
pub const POLICY: &str =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; style-src 'self'";

/// Folders by the first part of the path; the last one that fits counts, so the root comes first.
pub struct Site(pub Vec<(&'static str, PathBuf)>);

/// What a request gets.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// This file.
    File(PathBuf),
    /// The same with a slash at the end, so that relative addresses in the page are right.
    Folder(String),
    /// 404.
    Nothing,
}

impl Site {
    /// The answer to a request for this address (path and query as in the request line).
    pub fn answer(&self, url: &str) -> Answer {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let Some(parts) = parts(path) else { return Answer::Nothing };
        let mount = |(at, folder): &(&str, PathBuf)| {
            let rest = if at.is_empty() {
                Some(&parts[..])
            } else {
                parts.split_first().filter(|(p, _)| p == at).map(|s| s.1)
            };
            rest.map(|rest| (folder.clone(), rest.iter().collect::<PathBuf>()))
        };
        let Some((folder, rest)) = self.0.iter().rev().find_map(mount) else { return Answer::Nothing };
        let mut file = folder.join(rest);
        if file.is_dir() {
            if !path.ends_with('/') {
                return Answer::Folder(format!("/{}/", parts.join("/")));
            }
            file.push("index.html");
        }
        if file.is_file() && within(&file, &folder) { Answer::File(file) } else { Answer::Nothing }
    }
}

/// The parts of a path, decoded. None for whatever could lead out of the folder.
fn parts(path: &str) -> Option<Vec<String>> {
    let decoded = String::from_utf8(decode(path.strip_prefix('/')?)?).ok()?;
    let parts = decoded.split('/').filter(|p| !p.is_empty() && *p != ".");
    parts.map(|p| (!p.starts_with('.') && !p.contains(['\\', ':', '\0'])).then(|| p.to_owned())).collect()
}

/// Undoes %XX.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digit = |i: usize| rest.get(i).and_then(|b| char::from(*b).to_digit(16));
        bytes.push((digit(0)? * 16 + digit(1)?) as u8);
        rest = &rest[2..];
    }
    Some(bytes)
}

/// Links do not lead out either.
fn within(file: &Path, folder: &Path) -> bool {
    matches!((file.canonicalize(), folder.canonicalize()), (Ok(file), Ok(folder)) if file.starts_with(&folder))
}

/// Media type by the file's name. Browsers refuse modules and streaming wasm under a wrong one.
pub fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "wasm" => "application/wasm",
        "md" | "txt" | "ts" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::fs;

    /// A folder with a secret beside the site.
    fn site(name: &str) -> (PathBuf, Site) {
        let dir = std::env::temp_dir().join(format!("copywright-site-{name}-{}", std::process::id()));
        for (file, text) in [
            ("www/index.html", "root"),
            ("www/demo/index.html", "demo"),
            ("www/a b.js", ""),
            ("pkg/index.js", ""),
            ("secret", ""),
        ] {
            let path = dir.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let site = Site(vec![("", dir.join("www")), ("pkg", dir.join("pkg"))]);
        (dir, site)
    }

    #[test]
    fn files_folders_and_mounts() {
        let (dir, site) = site("files");
        let file = |f: &str| Answer::File(dir.join(f));
        assert_eq!(site.answer("/"), file("www/index.html"));
        assert_eq!(site.answer("/?x=1"), file("www/index.html"));
        assert_eq!(site.answer("/demo/"), file("www/demo/index.html"));
        assert_eq!(site.answer("/demo"), Answer::Folder("/demo/".into()));
        assert_eq!(site.answer("/a%20b.js"), file("www/a b.js"));
        assert_eq!(site.answer("/pkg/index.js?v=2"), file("pkg/index.js"));
        assert_eq!(site.answer("/./pkg//index.js"), file("pkg/index.js"));
        for nothing in ["/nothing.js", "/pkg/", "/pkgs/index.js", "/index.js", "", "index.html"] {
            assert_eq!(site.answer(nothing), Answer::Nothing, "{nothing}");
        }
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn nothing_leads_out() {
        let (dir, site) = site("out");
        let absolute = format!("/{}", dir.join("secret").display());
        for url in [
            "/../secret",
            "/pkg/../secret",
            "/pkg/../../secret",
            "/%2e%2e/secret",
            "/pkg/%2e%2e%2fsecret",
            "/..%5csecret",
            "/pkg\\..\\..\\secret",
            "/c:/secret",
            "/%00",
            "/%",
            "/%zz",
            "/%ff",
            "/%2",
            &absolute,
        ] {
            assert_eq!(site.answer(url), Answer::Nothing, "{url}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.join("secret"), dir.join("www/link")).unwrap();
            assert!(dir.join("www/link").is_file());
            assert_eq!(site.answer("/link"), Answer::Nothing);
        }
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn media_types() {
        let of = |name: &str| media_type(Path::new(name));
        assert_eq!(of("pkg/copywright_bg.wasm"), "application/wasm");
        assert_eq!(of("index.html"), "text/html; charset=utf-8");
        assert_eq!(of("worker.js"), "text/javascript; charset=utf-8");
        assert_eq!(of("manifest.json"), "application/json");
        assert_eq!(of("model.safetensors"), "application/octet-stream");
        assert_eq!(of("LICENSE"), "application/octet-stream");
    }
}
