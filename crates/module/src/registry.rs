//! The modules of a network.

use std::collections::BTreeMap;

use alloy_primitives::Address;

use crate::Module;

/// Why modules do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Two modules have one name.
    #[error("two modules are named {0}")]
    Name(&'static str),
    /// Two modules have one address.
    #[error("two modules have the address {0}")]
    Address(Address),
    /// A module's declaration contradicts itself.
    #[error("module {module}: {}", defects.join("; "))]
    Defects {
        /// The module.
        module: &'static str,
        /// What is wrong.
        defects: Vec<String>,
    },
}

/// Modules by address.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    modules: BTreeMap<Address, Module>,
}

impl Registry {
    /// Takes the modules, and checks each of them and that their names and addresses are unique.
    ///
    /// # Errors
    /// [`RegistryError`] tells what does not fit.
    pub fn new(modules: Vec<Module>) -> Result<Self, RegistryError> {
        let mut registry = Self::default();
        for module in modules {
            if registry.by_name(module.name()).is_some() {
                return Err(RegistryError::Name(module.name()));
            }
            let defects = module.defects();
            if !defects.is_empty() {
                return Err(RegistryError::Defects {
                    module: module.name(),
                    defects,
                });
            }
            let address = module.address();
            if registry.modules.insert(address, module).is_some() {
                return Err(RegistryError::Address(address));
            }
        }
        Ok(registry)
    }

    /// The module at `address`.
    pub fn get(&self, address: &Address) -> Option<&Module> {
        self.modules.get(address)
    }

    /// The module of that name.
    pub fn by_name(&self, name: &str) -> Option<&Module> {
        self.modules.values().find(|module| module.name() == name)
    }

    /// Their addresses, in order.
    pub fn addresses(&self) -> impl Iterator<Item = Address> + '_ {
        self.modules.keys().copied()
    }

    /// The modules, in the order of their addresses.
    pub fn modules(&self) -> impl Iterator<Item = &Module> {
        self.modules.values()
    }
}
