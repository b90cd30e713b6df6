//! The applications of this network. A further one is one more line here.

use std::sync::Arc;

use commonhold_module::{Registry, RegistryError};

/// Every module that a node runs: the system's and the applications'.
///
/// # Errors
/// Where two modules have the same name or address.
pub fn registry() -> Result<Arc<Registry>, RegistryError> {
    let mut modules = Vec::new();
    modules.extend(commonhold_system::modules());
    modules.push(commonhold_health_contract::module());
    Registry::new(modules).map(Arc::new)
}
