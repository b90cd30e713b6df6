//! The two ceremonies of a founding, over one network.

use std::sync::Arc;

use commonhold_ceremony::{End, RunError};
use commonware_runtime::{
    Runner as _, Supervisor as _,
    tokio::{self as runtime, Context},
};
use parking_lot::Mutex;

use super::{FoundingError, News, Prepared, Report, Tell};
use crate::{
    ceremony::{
        CeremonyFailure, THREADS, Words,
        part::{self, Part},
    },
    p2p,
    run::asked_to_stop,
};

impl Prepared {
    /// Runs until the result is known to all that are there, or until SIGTERM or SIGINT. `tell` hears
    /// what happens.
    ///
    /// # Errors
    /// [`FoundingError`] says what to do.
    pub fn run(self, tell: impl FnMut(News<'_>) + Send + 'static) -> Result<Report, FoundingError> {
        let tell: Tell = Arc::new(Mutex::new(tell));
        let settings = runtime::Config::new()
            .with_worker_threads(THREADS)
            .with_tcp_nodelay(Some(true))
            .with_storage_directory(part::directory(&self.founder.config));
        let ran = runtime::Runner::new(settings).start(|context| self.run_on(context, tell));
        Ok(ran?)
    }

    async fn run_on(self, context: Context, tell: Tell) -> Result<Report, CeremonyFailure> {
        let Self {
            founder,
            network,
            seal,
            _held,
        } = self;
        let (blocker, [network_link, seal_link], _network) = p2p::start_founding(
            &context,
            &founder.config.p2p,
            &founder.draft,
            founder.identity.clone(),
        )?;
        if seal.is_none() {
            begins(&tell, &network);
        }
        let (mut network_host, made) = founder.network_host(&network, &tell);
        let network_words = network_host.words.clone();
        let first = commonhold_ceremony::run(
            context.child("network_key"),
            commonhold_ceremony::Config {
                ceremony: network.ceremony,
                me: founder.me,
                host: &mut network_host,
                blocker: blocker.clone(),
                patience: founder.options.patience,
                // Whoever comes late finds this member here until the seal key is made.
                stay: true,
            },
            network_link,
        );
        let second = async {
            let made = made.await.map_err(|_| CeremonyFailure::Network)?;
            let (part, genesis) = match seal {
                Some(seal) => seal,
                None => founder.seal_part(&made)?,
            };
            begins(&tell, &part);
            let mut host = founder.seal_host(&part, &genesis, &tell);
            let ran = {
                let running = commonhold_ceremony::run(
                    context.child("seal_key"),
                    commonhold_ceremony::Config {
                        ceremony: part.ceremony,
                        me: founder.me,
                        host: &mut host,
                        blocker,
                        patience: founder.options.patience,
                        stay: founder.options.stay,
                    },
                    seal_link,
                );
                ::tokio::select! {
                    ran = running => Some(ran),
                    () = asked_to_stop() => None,
                }
            };
            let words = host.words;
            match (ran, host.files.made.take()) {
                (Some(Ok(End { finished, lacking })), _) => {
                    founder.report(&host.files, &finished, lacking, false)
                }
                (None, Some(finished)) => {
                    let lacking = host.files.lacking.clone();
                    founder.report(&host.files, &finished, lacking, false)
                }
                (None, None) => Err(CeremonyFailure::Stopped),
                (Some(Err(e)), _) => Err(failure(e, &words)),
            }
        };
        let mut first = std::pin::pin!(first);
        let mut second = std::pin::pin!(second);
        let mut stop = std::pin::pin!(asked_to_stop());
        let mut served = false;
        loop {
            ::tokio::select! {
                // Whoever stays for others has a result, and is asked to stop too.
                biased;
                ended = &mut second => return ended,
                ran = &mut first, if !served => match ran {
                    // Everybody has the network key.
                    Ok(_) => served = true,
                    Err(e) => return Err(failure(e, &network_words)),
                },
                () = &mut stop, if !served => return Err(CeremonyFailure::Stopped),
            }
        }
    }
}

fn failure(error: RunError<CeremonyFailure>, words: &Words) -> CeremonyFailure {
    match error {
        RunError::Host(e) => e,
        RunError::Ceremony(e) => e.into(),
        RunError::Network => CeremonyFailure::Network,
        RunError::Incomplete(incomplete) => {
            CeremonyFailure::Incomplete(words.incomplete(&incomplete))
        }
    }
}

fn begins(tell: &Tell, part: &Part) {
    let terms = part.ceremony.terms();
    (tell.lock())(News::Begins {
        key: terms.purpose(),
        round: terms.round(),
        resumed: part.resumed,
    });
}
