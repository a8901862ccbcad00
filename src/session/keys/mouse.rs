//! The mouse as xterm reports it (ctlseqs, "Mouse Tracking"): only what was asked for, in the encoding that was asked for.

use crate::session::keys::encode::{InputModes, MouseEncoding, MouseTracking};
use crate::session::keys::{MouseAction, MouseButton, modifier};

const WHEEL: u8 = 64;
const MOVING: u8 = 32;
const NO_BUTTON: u8 = 3;

/// The report for an action at a cell, counted from 0; empty where the child did not ask or the encoding has no room.
pub(crate) fn encode(
    action: MouseAction,
    column: u16,
    row: u16,
    modifiers: u8,
    modes: &InputModes,
) -> Vec<u8> {
    if !is_wanted(action, modes.tracking) {
        return Vec::new();
    }
    let released = matches!(action, MouseAction::Release(_));
    let code = code(action)
        | match modes.tracking {
            MouseTracking::Presses => 0,
            _ => modifier_bits(modifiers),
        };
    let (column, row) = (u32::from(column) + 1, u32::from(row) + 1);
    match modes.encoding {
        MouseEncoding::Sgr => {
            let last = if released { 'm' } else { 'M' };
            format!("\x1b[<{code};{column};{row}{last}").into_bytes()
        }
        MouseEncoding::Bytes => {
            let code = if released { code | NO_BUTTON } else { code };
            bytes([u32::from(code), column, row], 255, |value| vec![value as u8])
        }
        MouseEncoding::Utf8 => {
            let code = if released { code | NO_BUTTON } else { code };
            bytes([u32::from(code), column, row], 2047, |value| {
                char::from_u32(value).map(String::from).unwrap_or_default().into_bytes()
            })
        }
    }
}

/// Three values, each 32 more than it is, or nothing where one is beyond `max`.
fn bytes(values: [u32; 3], max: u32, write: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    if values.iter().any(|value| value + 32 > max) {
        return Vec::new();
    }
    let mut out = b"\x1b[M".to_vec();
    values.iter().for_each(|value| out.extend(write(value + 32)));
    out
}

fn is_wanted(action: MouseAction, tracking: MouseTracking) -> bool {
    match action {
        MouseAction::Press(_) => tracking != MouseTracking::Off,
        MouseAction::Release(_)
        | MouseAction::ScrollUp
        | MouseAction::ScrollDown
        | MouseAction::ScrollLeft
        | MouseAction::ScrollRight => {
            matches!(tracking, MouseTracking::Clicks | MouseTracking::Drags | MouseTracking::Motion)
        }
        MouseAction::Drag(_) => matches!(tracking, MouseTracking::Drags | MouseTracking::Motion),
        MouseAction::Move => tracking == MouseTracking::Motion,
    }
}

fn code(action: MouseAction) -> u8 {
    match action {
        MouseAction::Press(button) | MouseAction::Release(button) => of_button(button),
        MouseAction::Drag(button) => of_button(button) | MOVING,
        MouseAction::Move => NO_BUTTON | MOVING,
        MouseAction::ScrollUp => WHEEL,
        MouseAction::ScrollDown => WHEEL + 1,
        MouseAction::ScrollLeft => WHEEL + 2,
        MouseAction::ScrollRight => WHEEL + 3,
    }
}

fn of_button(button: MouseButton) -> u8 {
    match button {
        MouseButton::Left => 0,
        MouseButton::Middle => 1,
        MouseButton::Right => 2,
    }
}

fn modifier_bits(modifiers: u8) -> u8 {
    [(modifier::SHIFT, 4), (modifier::ALT, 8), (modifier::CONTROL, 16)]
        .into_iter()
        .filter(|(bit, _)| modifiers & bit != 0)
        .fold(0, |sum, (_, bits)| sum | bits)
}
