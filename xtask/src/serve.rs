//! `cargo xtask serve`: the demo on localhost, with studio, examples and API reference below it.

use std::convert::Infallible;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::{env, fs};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::http::response::Builder;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;

use crate::site::{Answer, POLICY, Site, media_type};
use crate::tools::{Result, root};

/// Tried first when no port is asked for, then its neighbours.
const PORT: u16 = 8000;

/// Serves until it is stopped.
pub fn run(port: Option<u16>, open: bool) -> Result<()> {
    let site = Site(vec![("", root().join("www/dist")), ("pkg", root().join("pkg"))]);
    let listener = listen(port)?;
    let port = listener.local_addr().map_err(|e| e.to_string())?.port();
    let address = format!("http://localhost:{port}/");
    println!("\nCopywright's demo: {address}   (Ctrl-C ends it)");
    for (name, at) in [("studio", "studio/"), ("examples", "examples/"), ("API reference", "api/")] {
        match site.answer(&format!("/{at}")) {
            Answer::File(_) => println!("  {name}: {address}{at}"),
            _ => println!("  {name}: not built (serve without --no-build makes it)"),
        }
    }
    if open && env::var_os("CI").is_none() {
        show(&address);
    }
    serve(listener, site)
}

/// This machine only.
fn listen(port: Option<u16>) -> Result<TcpListener> {
    let ports = port.map_or(PORT..=PORT + 20, |p| p..=p);
    let mut why = String::new();
    for port in ports {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => return Ok(listener),
            Err(e) => why = format!("port {port}: {e}"),
        }
    }
    Err(why)
}

/// Answers everybody who comes, all of them at the same time: a browser opens six connections at once and keeps them.
fn serve(listener: TcpListener, site: Site) -> Result<()> {
    let site = Arc::new(site);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_io().build().map_err(|e| e.to_string())?;
    let forever = async {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            let site = Arc::clone(&site);
            tokio::spawn(async move {
                let service = service_fn(|request: Request<Incoming>| {
                    let response = reply(&request, &site);
                    async { response.map_err(|e| e.to_string()) }
                });
                // A browser that hangs up in the middle is none of our business.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    };
    let ended: std::io::Result<Infallible> = runtime.block_on(forever);
    ended.map(|_| ()).map_err(|e| e.to_string())
}

fn reply(request: &Request<Incoming>, site: &Site) -> hyper::http::Result<Response<Full<Bytes>>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return headers(405, &[("Allow", "GET, HEAD")]).body("only GET and HEAD".into());
    }
    // Of what is answered to HEAD, hyper sends the length alone.
    match site.answer(&request.uri().to_string()) {
        Answer::File(path) => match fs::read(&path) {
            Ok(bytes) => headers(200, &[("Content-Type", media_type(&path))]).body(bytes.into()),
            Err(e) => headers(500, &[]).body(e.to_string().into()),
        },
        Answer::Folder(to) => headers(301, &[("Location", &to)]).body(Full::default()),
        Answer::Nothing => headers(404, &[]).body("not found".into()),
    }
}

/// An answer with the headers that all have, and these.
fn headers(status: u16, more: &[(&str, &str)]) -> Builder {
    let always = [
        ("Content-Security-Policy", POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        // What was built a minute ago must not be hidden by what was built before.
        ("Cache-Control", "no-cache"),
    ];
    let builder = Response::builder().status(status);
    always.iter().chain(more).fold(builder, |builder, (name, value)| builder.header(*name, *value))
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
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::thread;
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
        fs::write(dir.join("www/demo/index.html"), "demo").unwrap();
        fs::write(dir.join("secret"), "secret").unwrap();
        let listener = listen(Some(0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let site = Site(vec![("", dir.join("www"))]);
        thread::spawn(|| serve(listener, site));

        // Clients that say nothing hold up nobody, nor do those that stay after their answer, as browsers do.
        let idle: Vec<TcpStream> = (0..12).map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
        let mut kept: Vec<TcpStream> = (0..12).map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
        for client in &mut kept {
            client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            write!(client, "GET /demo/index.html HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
            let mut answer = [0; 12];
            client.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"HTTP/1.1 200");
        }
        let clients: Vec<_> = (0..24).map(|_| thread::spawn(move || ask(port, "GET /m.wasm"))).collect();
        for client in clients {
            let answer = client.join().unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{}", &answer[..60]);
            for header in [
                "content-type: application/wasm",
                "content-length: 300000",
                &format!("content-security-policy: {POLICY}"),
            ] {
                assert!(answer.contains(&format!("{header}\r\n")), "{header}");
            }
            assert_eq!(answer.split("\r\n\r\n").nth(1).map(str::len), Some(300_000));
        }
        drop((idle, kept));
        assert!(ask(port, "GET /nothing").starts_with("HTTP/1.1 404"));
        assert!(ask(port, "GET /../secret").starts_with("HTTP/1.1 404"));
        assert!(ask(port, "POST /m.wasm").starts_with("HTTP/1.1 405"));
        let moved = ask(port, "GET /demo");
        assert!(moved.starts_with("HTTP/1.1 301") && moved.contains("location: /demo/\r\n"), "{moved}");
        let head = ask(port, "HEAD /m.wasm");
        assert!(head.contains("content-length: 300000\r\n") && head.ends_with("\r\n\r\n"), "{head}");
        fs::remove_dir_all(dir).unwrap();
    }
}
