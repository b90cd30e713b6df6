//! The applications of this network. A further one is one more line here.

use std::sync::Arc;

use commonhold_module::{Module, Registry, RegistryError};

/// Every module that a node runs: the system's and the applications'.
pub fn modules() -> Vec<Module> {
    let mut modules = Vec::new();
    modules.extend(commonhold_system::modules());
    modules.push(commonhold_health_contract::module());
    modules.push(commonhold_energy_contract::module());
    modules.push(commonhold_works_contract::module());
    modules
}

/// The same, by their names and addresses.
///
/// # Errors
/// Where two have the same.
pub fn registry() -> Result<Arc<Registry>, RegistryError> {
    Registry::new(modules()).map(Arc::new)
}
