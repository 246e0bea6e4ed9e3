//! stub
use super::RenderOptions;
use crate::model::assessment::Assessment;
use std::io;
pub(super) fn write(_: &Assessment, _: &RenderOptions, _: &mut dyn io::Write) -> io::Result<()> {
    Ok(())
}
