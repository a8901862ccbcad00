use super::paste;

#[test]
fn a_paste_cannot_end_its_brackets() {
    assert_eq!(paste("a\x1b[201~b\r\nc", true), b"\x1b[200~a[201~b\rc\x1b[201~");
}
