//! What the genesis document says of `members`.

use commonhold_module::{Context, Fault, Outcome, Text};
use commonhold_primitives::Genesis;

use super::{
    interface::IMembers::Parameter,
    limits::VOTE_SECONDS_DEFAULT,
    roster::schedule,
    state::{
        BY_ACCOUNT, BY_KEY, BY_NAME, ENDPOINTS, EPOCH_BLOCKS, Endpoint, Holding, MEMBERS, Member,
        NAMES, Name, SETTINGS, Seat, Setting, VERSIONS, Version,
    },
};

/// Writes the founding members, what an epoch is, and the first values of what members decide about.
pub(super) fn genesis(ctx: &mut Context<'_>, genesis: &Genesis) -> Outcome<()> {
    let mut seats = Vec::new();
    for founder in &genesis.members {
        let refuse = |why: &str| Fault::Fatal(format!("member {:?}: {why}", founder.name));
        let name: Name = Text::new(&founder.name).map_err(|_| refuse("the name is too long"))?;
        let endpoint: Endpoint =
            Text::new(&founder.endpoint).map_err(|_| refuse("the endpoint is too long"))?;
        if BY_KEY.at(&founder.public_key).read(ctx)? != 0 {
            return Err(refuse("its key is another member's"));
        }
        if BY_ACCOUNT.at(&founder.account).read(ctx)?.mark != 0 {
            return Err(refuse("its account acts for another member"));
        }
        if BY_NAME.at(&name).read(ctx)? != 0 {
            return Err(refuse("its name is another member's"));
        }
        let newcomer = Newcomer {
            from: 0,
            since: genesis.timestamp,
            version: Version {
                from: 0,
                account: founder.account,
                key: founder.public_key,
            },
            name,
            endpoint,
        };
        seats.push(admit(ctx, newcomer)?);
    }
    schedule(ctx, 0, &seats)?;
    EPOCH_BLOCKS.write(ctx, &genesis.epoch_blocks.get())?;
    for (parameter, value) in [
        (Parameter::VoteSeconds, VOTE_SECONDS_DEFAULT),
        (Parameter::BlockGasLimit, genesis.gas_limit),
    ] {
        SETTINGS
            .at(&(parameter as u8))
            .push(ctx, &Setting { from: 0, value })?;
    }
    Ok(())
}

/// Whoever becomes a member.
pub(super) struct Newcomer {
    /// The first epoch.
    pub(super) from: u64,
    /// When that was decided.
    pub(super) since: u64,
    /// Its key and account.
    pub(super) version: Version,
    /// Its name.
    pub(super) name: Name,
    /// Where its node listens.
    pub(super) endpoint: Endpoint,
}

/// Enters a member that everything was checked of; tells its seat.
pub(super) fn admit(ctx: &mut Context<'_>, newcomer: Newcomer) -> Outcome<Seat> {
    let Newcomer {
        from,
        since,
        version,
        name,
        endpoint,
    } = newcomer;
    let until = 0;
    let number = MEMBERS.push(ctx, &Member { from, until, since })?;
    let mark = number.saturating_add(1);
    BY_KEY.at(&version.key).write(ctx, &mark)?;
    let holding = Holding { mark, from, until };
    BY_ACCOUNT.at(&version.account).write(ctx, &holding)?;
    BY_NAME.at(&name).write(ctx, &mark)?;
    NAMES.at(&number).write(ctx, &name)?;
    let version = VERSIONS.at(&number).push(ctx, &version)?;
    ENDPOINTS.at(&number).at(&version).write(ctx, &endpoint)?;
    Ok(Seat { number, version })
}
