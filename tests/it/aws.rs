//! The AWS collectors against a real HTTP server that another team wrote (moto), with AWS Backup, past
//! dates, pages and faults added in front of it (`tests/aws`).

mod apply;
mod artefacts;
mod estate;
mod faults;
mod iam;
mod managed;
mod notification;
mod places;
mod restore;
mod restored;
mod scan;
mod server;
