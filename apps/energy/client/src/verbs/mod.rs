//! The verbs that speak to a network.

pub(crate) mod audit;
pub(crate) mod bill;
pub(crate) mod certificates;
pub(crate) mod community;
pub(crate) mod correct;
pub(crate) mod import;
pub(crate) mod market;
pub(crate) mod membership;
pub(crate) mod replay;
pub(crate) mod rules;
pub(crate) mod settle;
pub(crate) mod which;
