//! The live description of the tree.

use serde::{Deserialize, Serialize};

use super::policy::Kind;

/// How an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It works.
    Running,
    /// It crashed and comes back after its backoff.
    Restarting,
    /// It crashed too often and is left alone until its cool-down ends.
    Resting,
    /// It was told to stop.
    Stopped,
}

/// One actor with those below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TreeNode {
    /// Unique below its parent: the kind, and the key where there are several.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How it is.
    pub status: Status,
    /// How often it was restarted.
    pub restarts: u32,
    /// Messages waiting or being handled.
    pub mailbox_depth: usize,
    /// Messages handled, over all its lives.
    pub handled: u64,
    /// What went wrong last, if anything did.
    pub last_error: Option<String>,
    /// Those it supervises.
    pub children: Vec<TreeNode>,
}

impl TreeNode {
    /// The node itself and all below it, parents first.
    pub fn walk(&self) -> impl Iterator<Item = &Self> {
        let mut ahead = vec![self];
        std::iter::from_fn(move || {
            let node = ahead.pop()?;
            ahead.extend(node.children.iter().rev());
            Some(node)
        })
    }
}
