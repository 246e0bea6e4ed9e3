//! stub
use std::io;
use crate::model::assessment::Assessment;
use super::RenderOptions;
pub(super) fn write(_: &Assessment, _: &RenderOptions, _: &mut dyn io::Write) -> io::Result<()> { Ok(()) }
