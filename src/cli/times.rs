//! Times as people and programs read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::engine::Time;

/// ISO 8601 in UTC, to the millisecond.
pub(super) fn iso(time: Time) -> String {
    timestamp(time).map_or_else(String::new, |time| format!("{time:.3}"))
}

/// The time of day here, to the second.
pub(super) fn of_day(time: Time) -> String {
    let zoned = timestamp(time).map(|time| time.to_zoned(TimeZone::system()));
    zoned.map_or_else(String::new, |time| time.strftime("%H:%M:%S").to_string())
}

/// Now.
pub(super) fn now() -> Time {
    Time(u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0))
}

/// Reads a duration such as `90s`, `5m`, `1h30m`, `250ms`, or a bare number of seconds, in milliseconds.
pub(super) fn duration_ms(text: &str) -> Result<u64, String> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(seconds.saturating_mul(1000));
    }
    let span: jiff::SignedDuration =
        text.parse().map_err(|_| format!("`{text}` is no duration; write 90s, 5m or 1h30m"))?;
    u64::try_from(span.as_millis()).map_err(|_| format!("`{text}` is before now"))
}

/// Reads a moment: a duration before now, or an ISO time.
pub(super) fn moment(text: &str) -> Result<Time, String> {
    if let Ok(ago_ms) = duration_ms(text) {
        return Ok(Time(now().0.saturating_sub(ago_ms)));
    }
    let time: Timestamp =
        text.parse().map_err(|_| format!("`{text}` is no time; write 10m (ago) or 2026-01-31T12:00:00Z"))?;
    Ok(Time(u64::try_from(time.as_millisecond()).unwrap_or(0)))
}

fn timestamp(time: Time) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(time.0).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{duration_ms, iso, moment, now};
    use crate::engine::Time;

    #[test]
    fn durations_and_moments_are_read_as_people_write_them() {
        assert_eq!(duration_ms("90s"), Ok(90_000));
        assert_eq!(duration_ms("1h30m"), Ok(5_400_000));
        assert_eq!(duration_ms("7"), Ok(7_000));
        assert!(duration_ms("soon").is_err());
        assert_eq!(moment("2026-01-31T12:00:00Z"), Ok(Time(1_769_860_800_000)));
        assert!(moment("10m").unwrap() < now());
    }

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(iso(Time(1_769_860_800_250)), "2026-01-31T12:00:00.250Z");
    }
}
