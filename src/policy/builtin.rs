//! The shipped policies.

/// A shipped policy.
#[derive(Debug)]
pub struct Builtin {
    /// Its name behind `builtin:`.
    pub name: &'static str,
    /// Its files: names and texts.
    pub files: &'static [(&'static str, &'static str)],
}

/// What `extends = "builtin:…"` can name.
pub const BUILTINS: &[Builtin] = &[Builtin {
    name: "infrastructure-backups",
    files: &[
        (
            "builtin:infrastructure-backups/infrastructure-backups.toml",
            include_str!("../../policies/infrastructure-backups.toml"),
        ),
        ("builtin:infrastructure-backups/clauses.toml", include_str!("../../policies/clauses.toml")),
    ],
}];

/// The shipped policy with this name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|builtin| builtin.name == name)
}

impl Builtin {
    /// Its files, to be loaded as a user's own.
    pub fn sources(&self) -> Vec<super::SourceFile> {
        let source = |(name, text): &(&str, &str)| super::SourceFile { name: (*name).into(), text: (*text).into() };
        self.files.iter().map(source).collect()
    }
}

/// The policy that is used when a user names none.
pub fn default() -> Option<&'static Builtin> {
    BUILTINS.first()
}
