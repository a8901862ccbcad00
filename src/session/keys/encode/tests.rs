use super::{InputModes, MouseEncoding, MouseTracking, encode};
use crate::session::keys::modifier::{ALT, CONTROL, SHIFT, SUPER};
use crate::session::keys::{Key, KeyKind, MouseAction, MouseButton, TerminalInput};

fn key(key: Key, modifiers: u8, kind: KeyKind, modes: &InputModes) -> String {
    String::from_utf8(encode(&TerminalInput::Key { key, modifiers, kind }, modes)).unwrap()
}

#[test]
fn keys_are_what_xterm_sends() {
    let modes = InputModes::default();
    let table = [
        (Key::Char('a'), 0, "a"),
        (Key::Char('A'), SHIFT, "A"),
        (Key::Char('é'), 0, "é"),
        (Key::Char('é'), CONTROL, "é"),
        (Key::Char('a'), ALT, "\x1ba"),
        (Key::Char('c'), CONTROL, "\x03"),
        (Key::Char('C'), CONTROL | SHIFT, "\x03"),
        (Key::Char('c'), CONTROL | ALT, "\x1b\x03"),
        (Key::Char(' '), CONTROL, "\0"),
        (Key::Char('['), CONTROL, "\x1b"),
        (Key::Char('\\'), CONTROL, "\x1c"),
        (Key::Char('?'), CONTROL, "\x7f"),
        (Key::Char('_'), CONTROL, "\x1f"),
        (Key::Enter, 0, "\r"),
        (Key::Enter, ALT, "\x1b\r"),
        (Key::Tab, 0, "\t"),
        (Key::Tab, SHIFT, "\x1b[Z"),
        (Key::BackTab, SHIFT, "\x1b[Z"),
        (Key::Backspace, 0, "\x7f"),
        (Key::Backspace, CONTROL, "\x08"),
        (Key::Backspace, ALT, "\x1b\x7f"),
        (Key::Escape, 0, "\x1b"),
        (Key::Up, 0, "\x1b[A"),
        (Key::Down, SHIFT, "\x1b[1;2B"),
        (Key::Right, CONTROL, "\x1b[1;5C"),
        (Key::Left, ALT, "\x1b[1;3D"),
        (Key::Home, 0, "\x1b[H"),
        (Key::End, CONTROL | SHIFT, "\x1b[1;6F"),
        (Key::Insert, 0, "\x1b[2~"),
        (Key::Delete, CONTROL, "\x1b[3;5~"),
        (Key::PageUp, 0, "\x1b[5~"),
        (Key::PageDown, SHIFT, "\x1b[6;2~"),
        (Key::Function(1), 0, "\x1bOP"),
        (Key::Function(4), SHIFT, "\x1b[1;2S"),
        (Key::Function(5), 0, "\x1b[15~"),
        (Key::Function(6), 0, "\x1b[17~"),
        (Key::Function(10), 0, "\x1b[21~"),
        (Key::Function(11), 0, "\x1b[23~"),
        (Key::Function(12), CONTROL, "\x1b[24;5~"),
        (Key::Function(13), 0, "\x1b[1;2P"),
        (Key::Function(25), 0, "\x1b[1;5P"),
        (Key::Function(0), 0, ""),
        (Key::Function(99), 0, ""),
    ];
    for (pressed, modifiers, expected) in table {
        assert_eq!(key(pressed, modifiers, KeyKind::Press, &modes), expected, "{pressed:?} {modifiers}");
        assert_eq!(key(pressed, modifiers, KeyKind::Repeat, &modes), expected);
        assert_eq!(key(pressed, modifiers, KeyKind::Release, &modes), "");
    }
    let application = InputModes { application_cursor: true, newline: true, ..InputModes::default() };
    assert_eq!(key(Key::Up, 0, KeyKind::Press, &application), "\x1bOA");
    assert_eq!(key(Key::Home, 0, KeyKind::Press, &application), "\x1bOH");
    assert_eq!(key(Key::Up, CONTROL, KeyKind::Press, &application), "\x1b[1;5A");
    assert_eq!(key(Key::Enter, 0, KeyKind::Press, &application), "\r\n");
}

#[test]
fn keys_are_what_the_kitty_protocol_says() {
    use KeyKind::{Press, Release, Repeat};
    let table = [
        // 1: what would be ambiguous is a sequence, text stays text.
        (1, Key::Char('a'), 0, Press, "a"),
        (1, Key::Char('A'), SHIFT, Press, "A"),
        (1, Key::Char('c'), CONTROL, Press, "\x1b[99;5u"),
        (1, Key::Char('C'), CONTROL | SHIFT, Press, "\x1b[99;6u"),
        (1, Key::Char('x'), ALT, Press, "\x1b[120;3u"),
        (1, Key::Char(' '), CONTROL, Press, "\x1b[32;5u"),
        (1, Key::Char('k'), SUPER, Press, "\x1b[107;9u"),
        (1, Key::Escape, 0, Press, "\x1b[27u"),
        (1, Key::Enter, 0, Press, "\r"),
        (1, Key::Enter, SHIFT, Press, "\x1b[13;2u"),
        (1, Key::Tab, 0, Press, "\t"),
        (1, Key::BackTab, 0, Press, "\x1b[9;2u"),
        (1, Key::Backspace, ALT, Press, "\x1b[127;3u"),
        (1, Key::Up, 0, Press, "\x1b[A"),
        (1, Key::Up, SHIFT, Press, "\x1b[1;2A"),
        (1, Key::Function(1), 0, Press, "\x1b[P"),
        (1, Key::Function(3), 0, Press, "\x1b[13~"),
        (1, Key::Function(12), 0, Press, "\x1b[24~"),
        (1, Key::Function(13), 0, Press, "\x1b[57376u"),
        (1, Key::Delete, 0, Press, "\x1b[3~"),
        (1, Key::Char('a'), 0, Repeat, "a"),
        (1, Key::Char('a'), 0, Release, ""),
        (1, Key::Up, 0, Repeat, "\x1b[A"),
        // 2: also repeats and releases, but not of the three keys that a shell needs.
        (3, Key::Up, 0, Repeat, "\x1b[1;1:2A"),
        (3, Key::Up, CONTROL, Release, "\x1b[1;5:3A"),
        (3, Key::Char('a'), 0, Repeat, "a"),
        (3, Key::Char('a'), 0, Release, "\x1b[97;1:3u"),
        (3, Key::Delete, 0, Release, "\x1b[3;1:3~"),
        (3, Key::Enter, 0, Release, ""),
        (3, Key::Tab, 0, Release, ""),
        (3, Key::Backspace, 0, Release, ""),
        // 4: with what Shift makes of it.
        (5, Key::Char('C'), CONTROL | SHIFT, Press, "\x1b[99:67;6u"),
        (5, Key::Char('c'), CONTROL, Press, "\x1b[99;5u"),
        // 8: all as sequences; 16: with their text.
        (8, Key::Char('a'), 0, Press, "\x1b[97u"),
        (8, Key::Enter, 0, Press, "\x1b[13u"),
        (11, Key::Enter, 0, Release, "\x1b[13;1:3u"),
        (24, Key::Char('a'), 0, Press, "\x1b[97;;97u"),
        (24, Key::Char('A'), SHIFT, Press, "\x1b[97;2;65u"),
        (24, Key::Char('a'), CONTROL, Press, "\x1b[97;5u"),
        (31, Key::Char('A'), SHIFT, Repeat, "\x1b[97:65;2:2;65u"),
        (31, Key::Char('A'), SHIFT, Release, "\x1b[97:65;2:3u"),
        // 4 alone: nothing is ambiguous to a child that did not ask.
        (4, Key::Char('c'), CONTROL, Press, "\x03"),
        (4, Key::Escape, 0, Press, "\x1b"),
    ];
    for (keyboard, pressed, modifiers, kind, expected) in table {
        let modes = InputModes { keyboard, application_cursor: true, ..InputModes::default() };
        assert_eq!(
            key(pressed, modifiers, kind, &modes),
            expected,
            "flags {keyboard}: {pressed:?} {modifiers} {kind:?}"
        );
    }
}

fn mouse(action: MouseAction, column: u16, row: u16, modifiers: u8, modes: &InputModes) -> Vec<u8> {
    encode(&TerminalInput::Mouse { action, column, row, modifiers }, modes)
}

#[test]
fn only_the_mouse_events_that_were_asked_for_are_sent() {
    let actions = [
        MouseAction::Press(MouseButton::Left),
        MouseAction::Release(MouseButton::Left),
        MouseAction::ScrollDown,
        MouseAction::Drag(MouseButton::Left),
        MouseAction::Move,
    ];
    let table = [
        (MouseTracking::Off, 0),
        (MouseTracking::Presses, 1),
        (MouseTracking::Clicks, 3),
        (MouseTracking::Drags, 4),
        (MouseTracking::Motion, 5),
    ];
    for (tracking, sent) in table {
        let modes = InputModes { tracking, encoding: MouseEncoding::Sgr, ..InputModes::default() };
        for (index, action) in actions.into_iter().enumerate() {
            let bytes = mouse(action, 0, 0, 0, &modes);
            assert_eq!(!bytes.is_empty(), index < sent, "{tracking:?} {action:?}");
        }
    }
}

#[test]
fn mouse_events_are_written_as_asked() {
    let modes = |encoding| InputModes { tracking: MouseTracking::Motion, encoding, ..InputModes::default() };
    let (sgr, bytes, utf8) =
        (modes(MouseEncoding::Sgr), modes(MouseEncoding::Bytes), modes(MouseEncoding::Utf8));
    let left = MouseAction::Press(MouseButton::Left);
    let right = MouseAction::Release(MouseButton::Right);
    assert_eq!(mouse(left, 4, 9, 0, &sgr), b"\x1b[<0;5;10M");
    assert_eq!(mouse(right, 4, 9, CONTROL, &sgr), b"\x1b[<18;5;10m");
    assert_eq!(mouse(MouseAction::Drag(MouseButton::Middle), 400, 9, SHIFT | ALT, &sgr), b"\x1b[<45;401;10M");
    assert_eq!(mouse(MouseAction::Move, 0, 0, 0, &sgr), b"\x1b[<35;1;1M");
    assert_eq!(mouse(MouseAction::ScrollUp, 0, 0, 0, &sgr), b"\x1b[<64;1;1M");
    assert_eq!(mouse(MouseAction::ScrollRight, 0, 0, 0, &sgr), b"\x1b[<67;1;1M");
    assert_eq!(mouse(left, 4, 9, 0, &bytes), b"\x1b[M %*");
    assert_eq!(mouse(right, 4, 9, 0, &bytes), b"\x1b[M#%*");
    assert_eq!(mouse(left, 222, 0, 0, &bytes), b"\x1b[M \xff!");
    assert_eq!(mouse(left, 223, 0, 0, &bytes), b"");
    assert_eq!(mouse(left, 223, 0, 0, &utf8), "\x1b[M \u{100}!".as_bytes());
    assert_eq!(mouse(left, 2014, 0, 0, &utf8), "\x1b[M \u{7ff}!".as_bytes());
    assert_eq!(mouse(left, 2015, 0, 0, &utf8), b"");
    let presses = InputModes { tracking: MouseTracking::Presses, ..InputModes::default() };
    assert_eq!(mouse(left, 0, 0, CONTROL, &presses), b"\x1b[M !!");
}

#[test]
fn a_paste_is_text_and_nothing_else() {
    let paste = |text: &str, bracketed_paste| {
        let modes = InputModes { bracketed_paste, ..InputModes::default() };
        String::from_utf8(encode(&TerminalInput::Paste { text: text.to_owned() }, &modes)).unwrap()
    };
    assert_eq!(paste("a\r\nb\nc\rd\te", false), "a\rb\rc\rd\te");
    assert_eq!(paste("a\n\nb", true), "\x1b[200~a\r\rb\x1b[201~");
    // Nothing in it ends the brackets or interrupts the child.
    assert_eq!(paste("x\x1b[201~\x03\u{9b}201~rm\n", true), "\x1b[200~x[201~201~rm\r\x1b[201~");
    assert_eq!(paste("x\x03\x1b[A", false), "x[A");
}

#[test]
fn focus_and_raw_bytes() {
    let asked = InputModes { focus: true, ..InputModes::default() };
    let focus = |gained, modes: &InputModes| encode(&TerminalInput::Focus { gained }, modes);
    assert_eq!((focus(true, &asked), focus(false, &asked)), (b"\x1b[I".to_vec(), b"\x1b[O".to_vec()));
    assert_eq!(focus(true, &InputModes::default()), b"");
    let raw = TerminalInput::Raw { bytes: vec![0, 27, 255] };
    assert_eq!(encode(&raw, &asked), [0, 27, 255]);
}
