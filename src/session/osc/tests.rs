use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::{STRING_BYTES_MAX, Scanner, Signal};

/// All signals, and the bytes that the core gets.
fn scan(pieces: &[&[u8]]) -> (Vec<Signal>, Vec<u8>) {
    let mut scanner = Scanner::new();
    let (mut signals, mut forwarded) = (Vec::new(), Vec::new());
    for piece in pieces {
        let mut rest = *piece;
        while !rest.is_empty() {
            let step = scanner.step(rest);
            let (taken, more) = rest.split_at(step.taken);
            if step.forward {
                forwarded.extend_from_slice(taken);
            }
            signals.extend(step.signal);
            rest = more;
        }
    }
    (signals, forwarded)
}

#[test]
fn only_what_the_core_drops_is_signalled() {
    let table: [(&[u8], &[Signal]); 20] = [
        (b"plain \x1b[31mtext\x1b[0m\x1b[2J", &[]),
        (b"\x1b[?2026h", &[Signal::BeginSynchronized]),
        (b"\x1b[?25;2026l", &[Signal::EndSynchronized]),
        (b"\x1b[?2026$p", &[]),
        (b"\x1b[2026h", &[]),
        (b"\x1b[?20261h", &[]),
        (b"\x1b[>q\x1b[>0q", &[Signal::AskVersion, Signal::AskVersion]),
        (b"\x1b[>1q\x1b[q", &[]),
        (b"\x1b[?6n", &[Signal::AskExtendedPosition]),
        (b"\x1bP+q4d73\x1b\\", &[Signal::AskCapability]),
        (b"\x1bP$qm\x1b\\", &[Signal::AskSetting]),
        (b"\x1bPq#0;2;0;0;0~\x1b\\", &[]),
        // Titles, colours and links are the core's.
        (b"\x1b]0;title\x07\x1b]11;?\x1b\\\x1b]8;;http://x\x1b\\", &[]),
        (b"\x1b]\x07\x1b]9\x07", &[]),
        // A command that is given up is none.
        (b"\x1b]9;no\x18\x1b]9;no\x1a", &[]),
        // Inside of strings nothing counts.
        (b"\x1b_ ]9;x\x07[?2026h\x1b\\", &[]),
        (b"\x1b^\x1b\\\x1bXabc\x1b\\", &[]),
        // An escape sequence goes on after a control character, and begins anew with ESC.
        (b"\x1b\n[?2026\rh", &[Signal::BeginSynchronized]),
        (b"\x1b[?20\x1b[?2026h", &[Signal::BeginSynchronized]),
        (b"\x1b(]9;x\x07", &[]),
    ];
    for (bytes, expected) in table {
        let (signals, forwarded) = scan(&[bytes]);
        let shown = String::from_utf8_lossy(bytes);
        // A command number without a body is passed on; what it means is not this scanner's matter.
        let signals: Vec<Signal> =
            signals.into_iter().filter(|signal| *signal != Signal::Command(b"9".to_vec())).collect();
        assert_eq!(signals, expected, "{shown:?}");
        assert_eq!(forwarded, bytes, "{shown:?}");
    }
}

#[test]
fn commands_end_with_bell_or_string_terminator() {
    for end in [&b"\x07"[..], b"\x1b\\", b"\x1b[0m"] {
        let (signals, _) = scan(&[b"\x1b]7501;state=idle", end]);
        assert_eq!(signals, [Signal::Command(b"7501;state=idle".to_vec())]);
    }
}

#[test]
fn what_is_over_the_cap_is_taken_out() {
    let long = vec![b'x'; 3 * STRING_BYTES_MAX];
    for end in [&b"\x07"[..], b"\x1b\\", b"\x18"] {
        let (signals, forwarded) = scan(&[b"\x1b]9;", &long, end, b"after \x1b[>q"]);
        assert!(forwarded.len() < STRING_BYTES_MAX + 32);
        assert!(forwarded.ends_with(b"after \x1b[>q"));
        let expected = [Signal::CommandTooLong(9), Signal::AskVersion];
        let cancelled = end == b"\x18";
        assert_eq!(signals, expected[usize::from(cancelled)..], "{end:?}");
    }
    let (signals, _) = scan(&[b"\x1b[?", &vec![b'1'; 100_000], b";2026h\x1b[>q"]);
    assert_eq!(signals, [Signal::AskVersion]);
}

proptest! {
    #[test]
    fn pieces_make_no_difference(
        parts in proptest::collection::vec(
            "(\x1b\\[\\?2026[hl]|\x1b\\]9;[a-z]{0,5}(\x07|\x1b\\\\|)|\x1b\\[>q|\x1bP\\+q1|\x1b|[a-z]{1,5}|\x18|[\x00-\x1f])", 0..20),
        cut in any::<usize>(),
    ) {
        let bytes = parts.concat().into_bytes();
        let cut = cut % (bytes.len() + 1);
        prop_assert_eq!(scan(&[&bytes[..cut], &bytes[cut..]]), scan(&[&bytes]));
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(scan(&single), scan(&[&bytes]));
        prop_assert!(scan(&[&bytes]).1 == bytes);
    }
}
