//! The handle's part for whoever attends to the running tree: which node it is, where
//! its chance begins, and starting one of its actors anew.

use domain::seed::Seed;

use super::{STOP_ORDER, System};
use crate::runtime::TreeNode;

impl System {
    /// The name under which this process works.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.deps.settings.node
    }

    /// Where the randomness of decisions begins, also of those that people make through the gateway.
    #[must_use]
    pub fn seed(&self) -> Seed {
        self.deps.settings.seed
    }

    /// Starts one actor anew, by the names of its group and its own as [`System::tree`] tells them, and describes it. It
    /// finishes what it has in hand first, within its grace; what it crashed of before does not count any more. `None` when
    /// there is no such actor.
    pub async fn restart(&self, group: &str, name: &str) -> Option<TreeNode> {
        let kind = STOP_ORDER.into_iter().find(|kind| kind.as_str() == group)?;
        self.deps.directory.group(kind)?.restart(name.to_owned()).await
    }
}
