use super::Scanner;

#[test]
fn a_step_takes_all_of_plain_text() {
    let mut scanner = Scanner::new();
    assert_eq!(scanner.step(b"plain").taken, 5);
}
