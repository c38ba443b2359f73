//! `save_media`: saves a file of a message, among the person's downloads or where they say in a dialog. How far it has come is told as
//! events.

use confab_client::MediaOf;
use confab_core::view::Problem;

use super::TheShell;
use crate::problem;
use crate::saves::Wanted;

#[tauri::command]
pub(crate) async fn save_media(
    shell: TheShell<'_>,
    conversation: String,
    message: String,
    media: String,
    name: Option<String>,
    size: u64,
    ask: bool,
) -> Result<(), Problem> {
    let of = MediaOf {
        conversation: conversation.parse().map_err(|_| problem::invalid("conversation"))?,
        message: message.parse().map_err(|_| problem::invalid("message"))?,
        media: media.parse().map_err(|_| problem::invalid("media"))?,
    };
    let wanted = Wanted { of, name, size };
    if ask { shell.save_media_as(&wanted).await } else { shell.save_media(&wanted) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::commands::rig::Rig;
    use crate::problem;

    #[test]
    fn a_file_is_named_whole_and_by_someone_who_is_signed_in() {
        let sid = |prefix: &str| format!("{prefix}{:032x}", 7);
        let file = json!({"conversation": sid("CH"), "message": sid("IM"), "media": sid("ME"), "name": null, "size": 1, "ask": false});
        let rig = Rig::new();
        assert_eq!(rig.call("save_media", file.clone()), Err(problem::local(problem::NOT_SIGNED_IN)));
        let mut asked = file.clone();
        asked["ask"] = json!(true);
        assert_eq!(rig.call("save_media", asked), Err(problem::local(problem::NOT_SIGNED_IN)));
        let mut elsewhere = file;
        elsewhere["media"] = json!("../x");
        assert_eq!(rig.call("save_media", elsewhere), Err(problem::invalid("media")));
    }
}
