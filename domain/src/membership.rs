//! What somebody does in a project. What each role may is decided where requests come in; here are only the names, which
//! the CHECK of `memberships.role` lists too.

use serde::{Deserialize, Serialize};

/// What a member does in a project; each may all that those below it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Sees everything of it.
    Viewer,
    /// Decides on drafts.
    Reviewer,
    /// Changes what is written where, and through whom.
    Editor,
    /// Decides who belongs to it, and whether it exists. Every project has exactly one.
    Owner,
}

impl MemberRole {
    /// Every role, the owner's first.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Editor, Self::Reviewer, Self::Viewer];

    /// The name in tables and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
            Self::Viewer => "viewer",
        }
    }
}

impl std::fmt::Display for MemberRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_stands_higher_is_greater_and_every_role_has_its_name() {
        assert!(MemberRole::ALL.is_sorted_by(|higher, lower| higher > lower));
        for role in MemberRole::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
    }
}
