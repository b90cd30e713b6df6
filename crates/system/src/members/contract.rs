//! What changes the state of `members`: so far, the genesis document alone.

use commonhold_module::{Context, Fault, Outcome, Text};
use commonhold_primitives::Genesis;

use super::state::{BY_ACCOUNT, BY_KEY, MEMBERS, Member};

/// Writes the founding members.
pub(super) fn genesis(ctx: &mut Context<'_>, genesis: &Genesis) -> Outcome<()> {
    for founder in &genesis.members {
        let refuse = |why: &str| Fault::Fatal(format!("member {:?}: {why}", founder.name));
        let member = Member {
            account: founder.account,
            since: genesis.timestamp,
            public_key: founder.public_key,
            name: Text::new(&founder.name).map_err(|_| refuse("the name is too long"))?,
            endpoint: Text::new(&founder.endpoint)
                .map_err(|_| refuse("the endpoint is too long"))?,
        };
        let by_key = BY_KEY.at(&member.public_key);
        let by_account = BY_ACCOUNT.at(&member.account);
        if by_key.read(ctx)? != 0 {
            return Err(refuse("its key is another member's"));
        }
        if by_account.read(ctx)? != 0 {
            return Err(refuse("its account acts for another member"));
        }
        let number = MEMBERS.push(ctx, &member)?;
        let mark = number.saturating_add(1);
        by_key.write(ctx, &mark)?;
        by_account.write(ctx, &mark)?;
    }
    Ok(())
}
