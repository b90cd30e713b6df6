//! Topics: filters of credentials, and patterns of sources with a place for the device's name.

use crate::limits::TOPIC_BYTES_MAX;

/// Where the name of the device stands in a pattern.
const DEVICE: &str = "{device}";

/// Whether a topic name can be published to here: not empty, no wildcard, no control character, not too
/// long.
pub fn is_topic(topic: &str) -> bool {
    !topic.is_empty()
        && topic.len() <= TOPIC_BYTES_MAX
        && !topic.contains(['+', '#'])
        && !topic.chars().any(char::is_control)
}

/// Whether `filter` is a topic filter as MQTT has them.
pub fn is_filter(filter: &str) -> bool {
    if filter.is_empty() || filter.len() > TOPIC_BYTES_MAX || filter.chars().any(char::is_control) {
        return false;
    }
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        let wild = level.contains(['+', '#']);
        if wild && level.len() > 1 || level == "#" && levels.peek().is_some() {
            return false;
        }
    }
    true
}

/// Whether `filter` covers `topic`.
pub fn covers(filter: &str, topic: &str) -> bool {
    let mut topic = topic.split('/');
    for level in filter.split('/') {
        if level == "#" {
            return true;
        }
        match topic.next() {
            Some(have) if level == "+" || level == have => {}
            _ => return false,
        }
    }
    topic.next().is_none()
}

/// A topic filter one level of which may be `{device}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<String>);

impl Pattern {
    /// Reads a pattern. `None` where it is none: wildcards as in MQTT, and `{device}` once at the most,
    /// as a whole level.
    pub fn parse(text: &str) -> Option<Self> {
        let levels: Vec<String> = text.split('/').map(str::to_owned).collect();
        let devices = levels.iter().filter(|level| *level == DEVICE).count();
        let plain = text.replace(DEVICE, "+");
        let braces = plain.contains(['{', '}']);
        (is_filter(&plain) && devices <= 1 && !braces).then_some(Self(levels))
    }

    /// Whether it has a place for the device's name.
    pub fn names_device(&self) -> bool {
        self.0.iter().any(|level| level == DEVICE)
    }

    /// Whether it matches, and what of the topic is the device's name.
    pub fn matches<'t>(&self, topic: &'t str) -> Option<Matched<'t>> {
        let mut device = None;
        let mut rest = Some(topic);
        let mut tail = topic;
        for level in &self.0 {
            if level == "#" {
                return Some(Matched { device, tail });
            }
            let (have, after) = match rest?.split_once('/') {
                Some((have, after)) => (have, Some(after)),
                None => (rest?, None),
            };
            if level == DEVICE {
                if have.is_empty() {
                    return None;
                }
                device = Some(have);
                tail = after.unwrap_or_default();
            } else if level != "+" && level != have {
                return None;
            }
            rest = after;
        }
        rest.is_none().then_some(Matched { device, tail })
    }
}

/// How a topic matches a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matched<'t> {
    /// The device's name, where the pattern has a place for it.
    pub device: Option<&'t str>,
    /// What comes after it; the whole topic where the pattern has no place for it.
    pub tail: &'t str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_cover_what_mqtt_says() {
        for (filter, topic, covered) in [
            ("a/b", "a/b", true),
            ("a/b", "a/b/c", false),
            ("a/+", "a/b", true),
            ("a/+", "a", false),
            ("a/#", "a/b/c", true),
            ("#", "a", true),
            ("a/+/c", "a/b/d", false),
        ] {
            assert_eq!(covers(filter, topic), covered, "{filter} {topic}");
        }
        for wrong in ["", "a#", "#/a", "a+/b", "a\n"] {
            assert!(!is_filter(wrong), "{wrong:?}");
        }
        assert!(!is_topic("a/+") && !is_topic("") && is_topic("a/b"));
        assert!(!is_topic(&"a".repeat(TOPIC_BYTES_MAX + 1)));
    }

    #[test]
    fn a_pattern_gives_the_name_of_the_device() {
        let pattern = Pattern::parse("v1/+/device/{device}/senml").unwrap();
        let matched = pattern.matches("v1/x/device/ab12/senml").unwrap();
        assert_eq!((matched.device, matched.tail), (Some("ab12"), "senml"));
        assert_eq!(pattern.matches("v1/x/device/ab12/other"), None);
        assert_eq!(pattern.matches("v1/x/device//senml"), None);
        assert!(pattern.names_device());
        let rest = Pattern::parse("readings/#").unwrap();
        assert_eq!(rest.matches("readings/any/thing").unwrap().device, None);
        // MQTT: a/# covers a, too.
        assert!(rest.matches("readings").is_some() && rest.matches("reading").is_none());
        let shelly = Pattern::parse("shellies/{device}/#").unwrap();
        let matched = shelly.matches("shellies/s/relay/0/power").unwrap();
        assert_eq!((matched.device, matched.tail), (Some("s"), "relay/0/power"));
        for wrong in ["{device}/{device}", "a/{other}", "x{device}", "a/#/b", ""] {
            assert!(Pattern::parse(wrong).is_none(), "{wrong:?}");
        }
    }
}
