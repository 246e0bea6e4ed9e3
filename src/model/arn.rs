//! Amazon Resource Names: taking them apart, and telling the kind of resource they name.

use super::kind::Kind;

/// The six parts of `arn:partition:service:region:account:resource`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// The service, such as `ec2`.
    pub service: &'a str,
    /// The region; empty for global resources.
    pub region: &'a str,
    /// The account; empty where the service leaves it out (S3 buckets, snapshots of AWS Backup).
    pub account: &'a str,
    /// The rest, such as `volume/vol-0a`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// The parts of `text`, if it has the form of an ARN.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        (parts.next()? == "arn").then_some(())?;
        Some(Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next().filter(|resource| !resource.is_empty())?,
        })
    }

    /// The kind of resource it names, if lastgood knows it.
    pub fn kind(&self) -> Option<Kind> {
        let head = self.resource.split(['/', ':']).next().unwrap_or_default();
        match (self.service, head) {
            ("ec2", "volume") => Some(Kind::EbsVolume),
            ("ec2", "instance") => Some(Kind::Ec2Instance),
            ("s3", _) => Some(Kind::S3Bucket),
            ("rds", "db") => Some(Kind::RdsInstance),
            ("rds", "cluster") => Some(Kind::RdsCluster),
            ("dynamodb", "table") => Some(Kind::DynamodbTable),
            ("elasticfilesystem", "file-system") => Some(Kind::EfsFileSystem),
            ("backup", "backup-vault") => Some(Kind::BackupVault),
            _ => None,
        }
    }
}

/// The kind of resource that a text names, if it is an ARN that lastgood knows.
pub fn kind(text: &str) -> Option<Kind> {
    Arn::parse(text).and_then(|arn| arn.kind())
}

/// The last part of an ARN, or the text itself: the short name a person recognises.
pub fn short(text: &str) -> &str {
    text.rsplit(['/', ':']).next().filter(|name| !name.is_empty()).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_arns_apart() {
        let arn = Arn::parse("arn:aws:rds:eu-west-2:111122223333:cluster:orders").unwrap();
        assert_eq!((arn.service, arn.region, arn.resource), ("rds", "eu-west-2", "cluster:orders"));
        assert_eq!(arn.kind(), Some(Kind::RdsCluster));
        assert_eq!(Arn::parse("arn:aws:s3:::logs").unwrap().kind(), Some(Kind::S3Bucket));
        for bad in ["", "vol-1", "arn:aws:ec2", "arn:aws:ec2:r:a:"] {
            assert_eq!(Arn::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn short_names_are_recognisable() {
        assert_eq!(short("arn:aws:ec2:us-east-1::snapshot/snap-1"), "snap-1");
        assert_eq!(short("arn:aws:s3:::logs"), "logs");
        assert_eq!(short("plain"), "plain");
    }
}
