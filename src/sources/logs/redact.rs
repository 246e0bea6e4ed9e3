//! Secrets on command lines: blotted out before anything is written.
//!
//! What looks like a secret is taken for one: a blotted word too many does no harm.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::model::activity::Activity;
use crate::model::text::Text;

/// What stands in place of a secret.
pub const BLOT: &str = "[secret]";

/// Options whose value is a secret, without their dashes.
const OPTIONS: &[&str] = &[
    "password",
    "passphrase",
    "passwd",
    "pass",
    "secret",
    "token",
    "api-key",
    "access-key",
    "secret-key",
    "encryption-key",
];

/// One argument without its secrets: `-pX`, `--password=X`, `NAME_PASSWORD=X`, `scheme://user:X@host`, wherever
/// they stand in it (`bash -c "mysqldump -pX …"`).
pub fn argument(text: &str) -> Cow<'_, str> {
    let words: Vec<&str> = text.split_inclusive(char::is_whitespace).collect();
    let mut out = String::with_capacity(text.len());
    let mut next_is_secret = false;
    // A secret in quotes ends where its quote ends, over all its words.
    let mut open_quote: Option<char> = None;
    // `-p` means a password to the clients of MySQL alone; to others it is a port, or "preserve".
    let mysql = names_mysql(text) || words.len() == 1;
    for word in words {
        let bare = word.trim_end();
        let space = word.get(bare.len()..).unwrap_or_default();
        if let Some(quote) = open_quote {
            open_quote = (!bare.ends_with(quote)).then_some(quote);
            if open_quote.is_none() {
                out.push_str(space);
            }
            continue;
        }
        let blotted = if next_is_secret && !bare.is_empty() { BLOT.to_owned() } else { blot(bare, mysql) };
        if blotted != bare {
            open_quote = unclosed_quote(bare, next_is_secret);
        }
        out.push_str(&blotted);
        if open_quote.is_none() {
            out.push_str(space);
        }
        next_is_secret = is_secret_option(bare);
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

/// A whole command line; an option that takes its secret from the next argument blots that one.
pub fn command(arguments: &[String]) -> Vec<String> {
    // The client may stand behind others: `sudo mysqldump`, `docker exec db mysqldump`.
    let mysql = arguments.iter().any(|word| names_mysql(word));
    let mut blotted = Vec::with_capacity(arguments.len());
    let mut next_is_secret = false;
    for text in arguments {
        if next_is_secret {
            blotted.push(BLOT.to_owned());
        } else if !mysql && short_password(text).is_some() && !text.contains(char::is_whitespace) {
            blotted.push(blot(text, false));
        } else {
            blotted.push(argument(text).into_owned());
        }
        next_is_secret = is_secret_option(text);
    }
    blotted
}

/// An activity with all that it quotes: its command, the tool's messages, places.
pub fn activity(activity: &mut Activity) {
    let blot = |text: &mut Text| {
        if let Cow::Owned(blotted) = argument(text) {
            *text = Text::from(blotted);
        }
    };
    activity.message.iter_mut().for_each(blot);
    let Some(detail) = activity.detail.as_mut().map(std::sync::Arc::make_mut) else { return };
    let words: Vec<String> = detail.command.iter().map(|word| word.as_str().to_owned()).collect();
    detail.command = command(&words).into_iter().map(Text::from).collect();
    detail.errors.iter_mut().chain(&mut detail.warnings).chain(&mut detail.sources).for_each(blot);
    detail.artefacts.iter_mut().map(|artefact| &mut artefact.uri).for_each(blot);
    detail.target.iter_mut().chain(&mut detail.of).for_each(blot);
}

/// Whether there is anything that [`activity`] would blot.
pub fn holds_secret(activity: &Activity) -> bool {
    let mut blotted = activity.clone();
    self::activity(&mut blotted);
    blotted != *activity
}

/// Whether a line of a log may hold a secret, told without reading it: a million lines are looked at. What is
/// written with unusual escapes may.
pub fn may_hold_secret(line: &[u8]) -> bool {
    static SIGNS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        // One of these stands in whatever `blot` and `is_secret_option` take for a secret.
        let mut signs: Vec<String> = OPTIONS.iter().map(|option| option.replace('-', "[-_]")).collect();
        signs.extend(["pwd", "-p", r#"://[^\s"]*@"#, r#"\\[^"\\nt]"#].map(str::to_owned));
        Regex::new(&format!("(?i-u){}", signs.join("|"))).ok()
    });
    SIGNS.as_ref().is_none_or(|signs| signs.is_match(line))
}

/// Programs whose `-pX` is a password.
fn names_mysql(text: &str) -> bool {
    ["mysql", "maria", "sshpass", "7z"].iter().any(|name| text.contains(name))
}

/// The quote with which the secret in this word begins, where the word does not end it.
fn unclosed_quote(word: &str, whole: bool) -> Option<char> {
    let value =
        if whole { word } else { word.rsplit_once('=').map(|(_, value)| value).or_else(|| short_password(word))? };
    let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    let closed = value.chars().count() > 1 && value.ends_with(quote);
    (!closed).then_some(quote)
}

fn is_secret_option(word: &str) -> bool {
    word.strip_prefix("--").is_some_and(|name| OPTIONS.contains(&name))
}

fn blot(word: &str, mysql: bool) -> String {
    // Quotes around a word of a shell's command line.
    let quote = |c: char| c == '"' || c == '\'';
    let inner = word.trim_start_matches(quote);
    let open = word.get(..word.len() - inner.len()).unwrap_or_default();
    // The assignment may stand inside another: `env="DB_PASSWORD=x"`.
    for (at, _) in inner.match_indices('=') {
        let before = inner.get(..at).unwrap_or_default();
        let name =
            before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).next().unwrap_or_default();
        if is_secret_name(name) {
            return format!("{open}{before}={BLOT}");
        }
    }
    // `openssl enc -pass pass:X`
    if inner.starts_with("pass:") {
        return format!("{open}pass:{BLOT}");
    }
    if mysql && short_password(inner).is_some() {
        return format!("{open}-p{BLOT}");
    }
    if let Some((scheme, rest)) = inner.split_once("://")
        && let Some((user, host)) = rest.split_once('@')
        && let Some((name, _)) = user.split_once(':')
        && !user.contains('/')
    {
        return format!("{open}{scheme}://{name}:{BLOT}@{host}");
    }
    word.to_owned()
}

/// The password of `-pX`.
fn short_password(word: &str) -> Option<&str> {
    word.strip_prefix("-p").filter(|secret| !secret.is_empty() && !secret.starts_with('-'))
}

/// `--password`, `MYSQL_PWD`, `RESTIC_PASSWORD`, `AWS_SECRET_ACCESS_KEY`, …
fn is_secret_name(name: &str) -> bool {
    let bare = name.trim_start_matches('-').to_ascii_lowercase().replace('_', "-");
    let is_file = bare.ends_with("-file") || bare.ends_with("-command");
    !is_file
        && (OPTIONS.iter().any(|option| bare == *option || bare.ends_with(&format!("-{option}")))
            // `PGPASSWORD` has no dash.
            || bare.ends_with("password")
            || bare.ends_with("-pwd")
            || bare == "pwd"
            || bare.ends_with("secret-access-key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_blotted_wherever_they_stand() {
        for (text, expected) in [
            ("mysqldump -u root -pdumperpw crm", "mysqldump -u root -p[secret] crm"),
            ("--password=x", "--password=[secret]"),
            ("--password-file=/etc/x", "--password-file=/etc/x"),
            ("MYSQL_PWD=x mysqldump crm", "MYSQL_PWD=[secret] mysqldump crm"),
            ("export RESTIC_PASSWORD='a b c' x", "export RESTIC_PASSWORD=[secret] x"),
            ("x --passphrase \"a b\" y", "x --passphrase [secret] y"),
            ("PASSWORD='ab' y", "PASSWORD=[secret] y"),
            ("AWS_SECRET_ACCESS_KEY=abc", "AWS_SECRET_ACCESS_KEY=[secret]"),
            ("mysql://root:pw@db/crm", "mysql://root:[secret]@db/crm"),
            ("https://example.com/a@b:c", "https://example.com/a@b:c"),
            ("borg create --passphrase geheim ::x", "borg create --passphrase [secret] ::x"),
            ("tar -cpf x.tar /srv", "tar -cpf x.tar /srv"),
            ("ssh -p22 host", "ssh -p22 host"),
            ("rsync -a --port=22 x y", "rsync -a --port=22 x y"),
            ("x=\"MYSQL_PWD=geheim\"", "x=\"MYSQL_PWD=[secret]"),
            ("PGPASSWORD=x pg_dump crm", "PGPASSWORD=[secret] pg_dump crm"),
            ("openssl enc -pass pass:x -in y", "openssl enc -pass pass:[secret] -in y"),
            ("sshpass -px rsync a b", "sshpass -p[secret] rsync a b"),
            ("", ""),
        ] {
            assert_eq!(argument(text), expected, "{text}");
            assert!(text == expected || may_hold_secret(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_command_line_is_blotted_as_a_whole() {
        let line = |words: &[&str]| command(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).join(" ");
        assert_eq!(line(&["bash", "-c", "mysqldump -pdumperpw crm | gzip"]), "bash -c mysqldump -p[secret] crm | gzip");
        assert_eq!(line(&["mysqldump", "-pdumperpw", "crm"]), "mysqldump -p[secret] crm");
        assert_eq!(line(&["ssh", "-p22", "host"]), "ssh -p22 host");
        assert_eq!(line(&["sudo", "mysqldump", "-pX", "crm"]), "sudo mysqldump -p[secret] crm");
        assert_eq!(line(&["docker", "exec", "db", "mysqldump", "-pX"]), "docker exec db mysqldump -p[secret]");
        assert_eq!(line(&["tool", "--token", "abc", "x"]), "tool --token [secret] x");
    }
}
