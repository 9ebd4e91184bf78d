use crate::time::NumericDate;

/// A point in time for people: `2026-01-01T00:00:00Z`; seconds where the year would need five digits.
pub(super) fn utc(time: NumericDate) -> String {
    let seconds = time.seconds();
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (hours, minutes) = (rest.div_euclid(3600), rest.rem_euclid(3600).div_euclid(60));
    match date(days) {
        Some((year, month, day)) => {
            let second = rest.rem_euclid(60);
            format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{second:02}Z")
        }
        None => format!("{seconds} s"),
    }
}

/// The Gregorian date so many days after 1970-01-01, by counting from 0000-03-01 in cycles of 400
/// years, so that a leap day comes last.
fn date(days: i64) -> Option<(i64, i64, i64)> {
    let days = days.checked_add(719_468)?;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let centuries = day.div_euclid(36_524);
    let leaps =
        day.div_euclid(1460).checked_sub(centuries)?.checked_add(day.div_euclid(146_096))?;
    let year = day.checked_sub(leaps)?.div_euclid(365);
    let start = year
        .checked_mul(365)?
        .checked_add(year.div_euclid(4))?
        .checked_sub(year.div_euclid(100))?;
    let day = day.checked_sub(start)?;
    let month = day.checked_mul(5)?.checked_add(2)?.div_euclid(153);
    let before = month.checked_mul(153)?.checked_add(2)?.div_euclid(5);
    let day = day.checked_sub(before)?.checked_add(1)?;
    let (month, later) =
        if month < 10 { (month.checked_add(3)?, 0) } else { (month.checked_sub(9)?, 1) };
    let year = era.checked_mul(400)?.checked_add(year)?.checked_add(later)?;
    (0..=9999).contains(&year).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (1_767_225_600, "2026-01-01T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (253_402_300_800, "253402300800 s"),
        ] {
            assert_eq!(utc(NumericDate::from_seconds(seconds)), text);
        }
        assert_eq!(utc(NumericDate::from_millis(i64::MAX)), "9223372036854775 s");
        assert!(utc(NumericDate::from_millis(i64::MIN)).ends_with(" s"));
    }
}
