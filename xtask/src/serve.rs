//! `cargo xtask serve`: the demo on localhost.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::{env, thread};

use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

use crate::site::{Answer, POLICY, Site, media_type};
use crate::tools::{Result, root};

/// Tried first when no port is asked for, then its neighbours.
const PORT: u16 = 8000;
/// Requests answered at once. A page asks for less, and the model is one long answer.
const THREADS: usize = 8;

/// Serves until it is stopped.
pub fn run(port: Option<u16>, open: bool) -> Result<()> {
    let site = Arc::new(Site(vec![("", root().join("www/dist")), ("pkg", root().join("pkg"))]));
    let server = Arc::new(listen(port)?);
    let address = format!("http://localhost:{}/", server.server_addr().to_ip().map_or(PORT, |a| a.port()));
    println!("\nCopywright's demo: {address}, its studio: {address}studio/   (Ctrl-C ends it)");
    if open && env::var_os("CI").is_none() {
        show(&address);
    }
    for worker in start(&server, &site) {
        worker.join().map_err(|_| "the server failed")?;
    }
    Ok(())
}

/// This machine only.
fn listen(port: Option<u16>) -> Result<Server> {
    let ports = port.map_or(PORT..=PORT + 20, |p| p..=p);
    let mut why = String::new();
    for port in ports {
        match Server::http(("127.0.0.1", port)) {
            Ok(server) => return Ok(server),
            Err(e) => why = format!("port {port}: {e}"),
        }
    }
    Err(why)
}

fn start(server: &Arc<Server>, site: &Arc<Site>) -> Vec<thread::JoinHandle<()>> {
    let worker = || {
        let (server, site) = (Arc::clone(server), Arc::clone(site));
        thread::spawn(move || {
            for request in server.incoming_requests() {
                // A browser that hangs up in the middle is none of our business.
                let _ = reply(request, &site);
            }
        })
    };
    (0..THREADS).map(|_| worker()).collect()
}

fn reply(request: Request, site: &Site) -> io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(
            headers(Response::from_string("only GET and HEAD"), &[("Allow", "GET, HEAD")]).with_status_code(405),
        );
    }
    match site.answer(request.url()) {
        Answer::File(path) => match File::open(&path) {
            // Chunks would hide the length, and with it the progress of a download.
            Ok(file) => request.respond(
                headers(Response::from_file(file), &[("Content-Type", media_type(&path))])
                    .with_chunked_threshold(usize::MAX),
            ),
            Err(e) => {
                request.respond(headers(Response::from_string(e.to_string()), &[]).with_status_code(StatusCode(500)))
            }
        },
        Answer::Folder(to) => request.respond(headers(Response::empty(301), &[("Location", &to)])),
        Answer::Nothing => {
            request.respond(headers(Response::from_string("not found"), &[]).with_status_code(StatusCode(404)))
        }
    }
}

/// The headers of every answer, and these.
fn headers<R: io::Read>(response: Response<R>, more: &[(&str, &str)]) -> Response<R> {
    let always = [
        ("Content-Security-Policy", POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        // What was built a minute ago must not be hidden by what was built before.
        ("Cache-Control", "no-cache"),
    ];
    let header = |(name, value): &(&str, &str)| Header::from_bytes(*name, *value).ok();
    always.iter().chain(more).filter_map(header).fold(response, Response::with_header)
}

/// Asks the desktop to show the page. Where there is none, the address has been printed.
fn show(address: &str) {
    let mut command = match env::consts::OS {
        "macos" => Command::new("open"),
        "windows" => Command::new("explorer"),
        _ => Command::new("xdg-open"),
    };
    command.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Err(e) = command.spawn() {
        println!("open it in a browser yourself ({}: {e})", Path::new(command.get_program()).display());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::fs;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::time::Duration;

    fn ask(port: u16, line: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(stream, "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    #[test]
    fn over_a_socket() {
        let dir = env::temp_dir().join(format!("copywright-serve-{}", std::process::id()));
        fs::create_dir_all(dir.join("www/demo")).unwrap();
        fs::write(dir.join("www/m.wasm"), vec![b'x'; 300_000]).unwrap();
        fs::write(dir.join("secret"), "secret").unwrap();
        let server = Arc::new(listen(Some(0)).unwrap());
        let port = server.server_addr().to_ip().unwrap().port();
        let workers = start(&server, &Arc::new(Site(vec![("", dir.join("www"))])));

        // A client that says nothing holds up nobody. (One after the other: the library counts its free threads late, and
        // of a dozen silent clients at the same instant some may stand before others.)
        let silent = |_| {
            thread::sleep(Duration::from_millis(20));
            TcpStream::connect(("127.0.0.1", port)).unwrap()
        };
        let idle: Vec<TcpStream> = (0..12).map(silent).collect();
        thread::sleep(Duration::from_millis(20));
        let clients: Vec<_> = (0..24).map(|_| thread::spawn(move || ask(port, "GET /m.wasm"))).collect();
        for client in clients {
            let answer = client.join().unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{}", &answer[..60]);
            for header in [
                "Content-Type: application/wasm",
                "Content-Length: 300000",
                &format!("Content-Security-Policy: {POLICY}"),
            ] {
                assert!(answer.contains(&format!("{header}\r\n")), "{header}");
            }
            assert_eq!(answer.split("\r\n\r\n").nth(1).map(str::len), Some(300_000));
        }
        drop(idle);
        assert!(ask(port, "GET /nothing").starts_with("HTTP/1.1 404"));
        assert!(ask(port, "GET /../secret").starts_with("HTTP/1.1 404"));
        assert!(ask(port, "POST /m.wasm").starts_with("HTTP/1.1 405"));
        let moved = ask(port, "GET /demo");
        assert!(moved.starts_with("HTTP/1.1 301") && moved.contains("Location: /demo/\r\n"), "{moved}");
        let head = ask(port, "HEAD /m.wasm");
        assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");

        for _ in &workers {
            server.unblock();
        }
        for worker in workers {
            worker.join().unwrap();
        }
        fs::remove_dir_all(dir).unwrap();
    }
}
