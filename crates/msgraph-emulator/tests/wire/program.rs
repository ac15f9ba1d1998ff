//! The binary.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
};

use crate::local::http_client;

/// Ends the program when a test fails before its own end.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // Already ended in the good case.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(options: &[&str]) -> (Program, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_msgraph-emulator"))
        .args(options)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .expect("a line is printed");
    (Program(child), line)
}

#[cfg(unix)]
#[tokio::test]
async fn it_says_where_it_listens_reports_requests_and_ends_at_either_signal() {
    for (signal, options, reported) in [
        ("INT", &["--listen", "127.0.0.1:0"][..], "400 GET    /beta?x=1\n"),
        ("TERM", &["--listen", "127.0.0.1:0", "--quiet"][..], ""),
    ] {
        let (mut program, line) = start(options);
        let url = line
            .strip_prefix("listening on ")
            .and_then(|rest| rest.strip_suffix('\n'))
            .expect("the line is exact");
        assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with(":0"), "{url}");
        let http = http_client().build().unwrap();
        assert_eq!(http.get(format!("{url}/beta?x=1")).send().await.unwrap().status(), 400);

        let id = program.0.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", signal, &id])
                .status()
                .unwrap()
                .success()
        );
        let status = program.0.wait().unwrap();
        let mut errors = String::new();
        program.0.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert_eq!((status.code(), errors.as_str()), (Some(0), reported));
    }
}

#[test]
fn an_address_that_cannot_be_opened_is_an_error() {
    let (_program, line) = start(&["--listen", "127.0.0.1:0"]);
    let taken = line.trim().rsplit_once('/').unwrap().1;
    let output = Command::new(env!("CARGO_BIN_EXE_msgraph-emulator"))
        .args(["--listen", taken])
        .output()
        .expect("the binary starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        errors.starts_with(&format!("error: cannot listen on {taken}: ")),
        "{errors}"
    );
}

#[test]
fn options_that_make_no_sense_are_explained() {
    for (options, words) in [
        (["--client", "no-secret"], "ID=SECRET"),
        (["--listen", "nowhere"], "--listen"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_msgraph-emulator"))
            .args(options)
            .output()
            .expect("the binary starts");
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(words));
    }
}
