//! Events seen from both ends of a fibre, put together.
//!
//! An instrument sees at a splice the loss and, with one sign from one end and the other from the other, how
//! much more the next fibre scatters; only the mean of both ends is the loss. What one end alone sees is
//! taken as if the other had seen the largest loss that it could miss.

use crate::{
    number::{Overflow, int, mid},
    sor::Sor,
};

/// One direction of one wavelength: what of a file the rules look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Millimetres that the pulse covers.
    pub pulse_mm: i64,
    /// mdB: what loses less may be missing.
    pub loss_threshold: i64,
    /// The table of events, by distance.
    pub events: Vec<Seen>,
}

/// An event as one end sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Millimetres from that end.
    pub at_mm: i64,
    /// mdB.
    pub loss: i64,
    /// mdB/km of the section before it.
    pub slope: i64,
    /// mdB, where there is one.
    pub reflectance: Option<i64>,
    /// Whether light comes back.
    pub reflective: bool,
    /// Whether the trace ends here.
    pub end: bool,
}

/// An event of a fibre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Millimetres from end A.
    pub at_mm: i64,
    /// mdB, the mean of both ends.
    pub loss: i64,
    /// mdB, the worse of both.
    pub reflectance: Option<i64>,
    /// A connector, otherwise a splice (or a bend).
    pub connector: bool,
    /// How many ends see it.
    pub directions: u8,
}

impl Side {
    /// What the rules look at of a file.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn of(sor: &Sor<'_>) -> Result<Self, Overflow> {
        let mut events = Vec::new();
        for event in &sor.events {
            events.push(Seen {
                at_mm: sor.distance_mm(event.time)?,
                loss: event.loss.into(),
                slope: event.slope.into(),
                reflectance: event.reflectance_measured().map(Into::into),
                reflective: event.is_reflective(),
                end: event.is_end(),
            });
        }
        events.sort_by_key(|event| event.at_mm);
        Ok(Self {
            pulse_mm: sor.pulse_mm()?,
            loss_threshold: sor.fixed.loss_threshold.into(),
            events,
        })
    }

    /// Millimetres within which two ends' events are the same.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn tolerance(&self, design_mm: i64) -> Result<i64, Overflow> {
        (int(self.pulse_mm) + (int(design_mm) * 5).div_floor(10_000) + 5_000).get()
    }

    /// Millimetres to the link's far end: the reflective event nearest to the design, where one is near;
    /// otherwise where the trace ends.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn length(&self, design_mm: i64, tolerance: i64) -> Result<Option<i64>, Overflow> {
        let near: i64 = (int(design_mm) * 2).div_floor(100).max(tolerance).get()?;
        let far = |event: &&Seen| event.at_mm.abs_diff(design_mm);
        let nearest = self.events.iter().filter(|event| event.reflective);
        let nearest = nearest.min_by_key(far);
        let nearest = nearest.filter(|event| far(event) <= near.unsigned_abs());
        let end = || self.events.iter().find(|event| event.end);
        let event = nearest.or_else(end).or_else(|| self.events.last());
        Ok(event.map(|event| event.at_mm))
    }

    /// The link's own events: neither the trace's end nor what lies behind the link.
    pub fn within(&self, to_mm: i64) -> impl Iterator<Item = &Seen> {
        let within = move |event: &&Seen| event.at_mm <= to_mm && !event.end;
        self.events.iter().filter(within)
    }
}

/// Puts the events of both ends together, by distance from end A.
///
/// # Errors
/// [`Overflow`].
pub fn pair(a: &Side, b: &Side, link_mm: i64, tolerance: i64) -> Result<Vec<Pair>, Overflow> {
    let to_mm = (int(link_mm) + tolerance).get()?;
    let mut mirrored = Vec::new();
    for event in b.within(to_mm) {
        let at_mm = (int(link_mm) - event.at_mm).get()?;
        mirrored.push(Some(Seen { at_mm, ..*event }));
    }
    let mut pairs = Vec::new();
    for event in a.within(to_mm) {
        let far = |other: &Option<Seen>| other.map(|other| other.at_mm.abs_diff(event.at_mm));
        let others = mirrored.iter().enumerate();
        let others = others.filter_map(|(number, other)| far(other).map(|far| (far, number)));
        let nearest = others
            .min()
            .filter(|(far, _)| *far <= tolerance.unsigned_abs());
        let other = nearest.and_then(|(_, number)| mirrored.get_mut(number)?.take());
        pairs.push(match other {
            Some(other) => both(event, &other)?,
            None => alone(event, b.loss_threshold)?,
        });
    }
    for event in mirrored.iter().flatten() {
        pairs.push(alone(event, a.loss_threshold)?);
    }
    pairs.sort_by_key(|pair| pair.at_mm);
    Ok(pairs)
}

/// The events of one end, where a contract asks for no more.
///
/// # Errors
/// [`Overflow`].
pub fn single(a: &Side, link_mm: i64, tolerance: i64) -> Result<Vec<Pair>, Overflow> {
    let to_mm = (int(link_mm) + tolerance).get()?;
    let pair = |event: &Seen| Pair {
        at_mm: event.at_mm,
        loss: event.loss,
        reflectance: event.reflectance.filter(|_| event.reflective),
        connector: event.reflective,
        directions: 1,
    };
    Ok(a.within(to_mm).map(pair).collect())
}

fn both(a: &Seen, b: &Seen) -> Result<Pair, Overflow> {
    Ok(Pair {
        at_mm: mid(a.at_mm, b.at_mm).get()?,
        loss: (int(a.loss) + b.loss).div_round(2).get()?,
        reflectance: a.reflectance.into_iter().chain(b.reflectance).max(),
        connector: a.reflective || b.reflective,
        directions: 2,
    })
}

fn alone(event: &Seen, threshold: i64) -> Result<Pair, Overflow> {
    Ok(Pair {
        at_mm: event.at_mm,
        loss: (int(event.loss) + threshold).div_round(2).get()?,
        reflectance: event.reflectance,
        connector: event.reflective,
        directions: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(at_mm: i64, loss: i64) -> Seen {
        Seen {
            at_mm,
            loss,
            slope: 200,
            reflectance: None,
            reflective: false,
            end: false,
        }
    }

    fn side(events: Vec<Seen>) -> Side {
        Side {
            pulse_mm: 10_000,
            loss_threshold: 20,
            events,
        }
    }

    #[test]
    fn a_gainer_is_no_fault() {
        let a = side(vec![seen(1_000_000, 223)]);
        let b = side(vec![seen(1_001_000, -140)]);
        let pairs = pair(&a, &b, 2_000_000, 5_000).unwrap();
        assert_eq!(pairs.len(), 1);
        assert_eq!(pairs[0].loss, 42);
        assert_eq!(pairs[0].at_mm, 999_500);
        assert_eq!(pairs[0].directions, 2);
    }

    #[test]
    fn what_one_end_misses_is_as_bad_as_it_may_be() {
        let a = side(vec![seen(500_000, 76)]);
        let b = side(vec![seen(500_000, 70)]);
        let pairs = pair(&a, &b, 2_000_000, 5_000).unwrap();
        assert_eq!(pairs.iter().map(|p| p.loss).collect::<Vec<_>>(), [48, 45]);
        assert_eq!(pairs[1].at_mm, 1_500_000);
    }

    #[test]
    fn an_event_is_put_to_the_nearest_and_to_one_only() {
        let a = side(vec![seen(1_000_000, 10), seen(1_002_000, 30)]);
        let b = side(vec![seen(999_000, 50)]);
        let pairs = pair(&a, &b, 2_000_000, 5_000).unwrap();
        // The first event of A takes it, though the second lies nearer.
        assert_eq!(pairs.iter().map(|p| p.loss).collect::<Vec<_>>(), [30, 25]);
    }

    #[test]
    fn a_broken_fibre_ends_where_its_trace_does() {
        let end = Seen {
            end: true,
            reflective: true,
            ..seen(7_000_000, 0)
        };
        let broken = side(vec![seen(3_000_000, 40), end]);
        assert_eq!(broken.length(12_000_000, 20_000), Ok(Some(7_000_000)));
        assert_eq!(broken.within(9_000_000).count(), 1);
        let unseen = side(vec![]);
        assert_eq!(unseen.length(12_000_000, 20_000), Ok(None));
    }
}
