//! Who may do what: the roles of people, the scopes of what they show at the door, and what follows from both.
//!
//! A person's role in a project is a step on one ladder, [`ProjectRole`]; what they carry, a token or a session, has
//! [`Scopes`]; an operation asks for a [`Right`]. All three must agree. An administrator of the installation stands in every
//! project where its owner does, but what they carry still binds them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a person is in a project, least first. The CHECK of `memberships.role` lists the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectRole {
    /// Sees everything.
    Viewer,
    /// Decides about drafts as well.
    Reviewer,
    /// Changes what is written where, by whom and how, as well.
    Editor,
    /// Decides about members and the project itself as well; there is exactly one.
    Owner,
}

/// What an operation on a project asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// To see.
    View,
    /// To decide about drafts.
    Review,
    /// To change what the project does.
    Edit,
    /// To decide about the project itself and who belongs to it.
    Own,
}

/// What a token or a session allows whoever carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Seeing.
    Read,
    /// Seeing, and deciding about drafts.
    Approve,
    /// Seeing, and changing what projects do.
    Write,
    /// All of it, and what belongs to owners and administrators.
    Admin,
}

/// A text that names no scope.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a scope; there are read, approve, write and admin")]
pub struct UnknownScope(pub String);

/// Some scopes together. They always include reading, and administering includes all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scopes(u8);

impl ProjectRole {
    /// Every role, least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Reviewer, Self::Editor, Self::Owner];

    /// The name in tables and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Reviewer => "reviewer",
            Self::Editor => "editor",
            Self::Owner => "owner",
        }
    }
}

impl std::fmt::Display for ProjectRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Right {
    /// Whether a role includes it.
    #[must_use]
    pub fn is_of(self, role: ProjectRole) -> bool {
        let needed = match self {
            Self::View => ProjectRole::Viewer,
            Self::Review => ProjectRole::Reviewer,
            Self::Edit => ProjectRole::Editor,
            Self::Own => ProjectRole::Owner,
        };
        role >= needed
    }

    /// The scope that a token needs to exercise it.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::View => Scope::Read,
            Self::Review => Scope::Approve,
            Self::Edit => Scope::Write,
            Self::Own => Scope::Admin,
        }
    }
}

impl Scope {
    /// All scopes, narrowest first.
    pub const ALL: [Self; 4] = [Self::Read, Self::Approve, Self::Write, Self::Admin];

    /// The scope's name, as it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Approve => "approve",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|scope| scope.as_str() == name);
        found.ok_or_else(|| UnknownScope(name.to_owned()))
    }
}

impl Scopes {
    /// Everything.
    pub const ALL: Self = Self(0b1111);

    /// These scopes and what they include; without any, reading.
    pub fn of(scopes: impl IntoIterator<Item = Scope>) -> Self {
        let bits = scopes.into_iter().fold(Scope::Read.bit(), |bits, scope| bits | scope.bit());
        if bits & Scope::Admin.bit() == 0 { Self(bits) } else { Self::ALL }
    }

    /// Whether a scope is among them.
    #[must_use]
    pub const fn include(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether all of `others` are among them.
    #[must_use]
    pub const fn cover(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// The scopes, narrowest first.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.include(*scope))
    }
}

/// The names, with spaces between.
impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.iter().map(Scope::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split_whitespace().map(str::parse).collect::<Result<Vec<_>, _>>().map(Self::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHTS: [Right; 4] = [Right::View, Right::Review, Right::Edit, Right::Own];

    #[test]
    fn each_step_of_the_ladder_includes_those_below_it_and_none_above() {
        for (step, role) in ProjectRole::ALL.into_iter().enumerate() {
            for (needed, right) in RIGHTS.into_iter().enumerate() {
                assert_eq!(right.is_of(role), step >= needed, "{role:?} {right:?}");
            }
        }
    }

    #[test]
    fn approving_and_writing_do_not_include_each_other_and_administering_includes_all() {
        let (approve, write) = (Scopes::of([Scope::Approve]), Scopes::of([Scope::Write]));
        assert!(!approve.include(Scope::Write) && !write.include(Scope::Approve));
        assert!(approve.include(Scope::Read) && write.include(Scope::Read));
        assert_eq!(Scopes::of([Scope::Admin]), Scopes::ALL);
        assert!(Scopes::ALL.cover(write) && !write.cover(Scopes::ALL));
    }

    #[test]
    fn scopes_are_written_as_their_names_and_read_back() {
        for scope in Scope::ALL {
            let scopes = Scopes::of([scope]);
            assert_eq!(scopes.to_string().parse(), Ok(scopes));
        }
        assert_eq!(Scopes::of([Scope::Write, Scope::Approve]).to_string(), "read approve write");
        assert_eq!("read everything".parse::<Scopes>(), Err(UnknownScope("everything".into())));
    }
}
