//! Roles: those that a service gives by itself are the ones that this server gives, others are found by their names or made.

use std::collections::{BTreeMap, BTreeSet};

use confab_protocol::RoleSid;

use super::row::{Defaults, Role};
use super::{Import, ImportError};

/// Which role here is meant by which there. One that is missing needs no word: it is what people get.
#[derive(Default)]
pub(super) struct Roles(BTreeMap<String, String>);

impl Roles {
    /// The role here that is meant by one there.
    pub(super) fn here(&self, there: &Option<String>) -> Option<(&'static str, String)> {
        self.0.get(there.as_ref()?).map(|sid| ("RoleSid", sid.clone()))
    }
}

impl Import<'_> {
    /// Finds or makes every role that is not given by itself.
    pub(super) async fn roles(&mut self) -> Result<(), ImportError> {
        let (there, here) = (self.from.all::<Role>("/Roles").await?, self.to.all::<Role>("/Roles").await?);
        let defaults = self.defaults().await?;
        let given = [&defaults.default_conversation_role_sid, &defaults.default_chat_service_role_sid];
        let known: BTreeSet<&String> = here.iter().flat_map(|role| &role.permissions).collect();
        let mut roles = BTreeMap::new();
        for role in there {
            if given.contains(&&Some(role.sid.clone())) {
                continue;
            }
            let same =
                here.iter().find(|it| (&it.kind, &it.friendly_name) == (&role.kind, &role.friendly_name));
            let found = if defaults.default_conversation_creator_role_sid.as_ref() == Some(&role.sid) {
                Some(RoleSid::OWNER.to_string())
            } else if let Some(same) = same {
                Some(same.sid.clone())
            } else {
                self.make_role(&role, &known).await?
            };
            roles.extend(found.map(|sid| (role.sid, sid)));
        }
        self.roles = Roles(roles);
        Ok(())
    }

    /// What the service there gives people.
    async fn defaults(&self) -> Result<Defaults, ImportError> {
        let path = "/Configuration".to_owned();
        let found = self.from.find(&path).await?.unwrap_or_default();
        // An account names its default service.
        let (path, found) = match found["default_chat_service_sid"].as_str() {
            Some(service) => {
                let path = format!("/Services/{service}{path}");
                let found = self.from.find(&path).await?.unwrap_or_default();
                (path, found)
            }
            None => (path, found),
        };
        let read: Option<Defaults> =
            serde_json::from_value(found).map_err(|_| ImportError::Unreadable(self.from.path(&path)))?;
        Ok(read.unwrap_or_default())
    }

    async fn make_role(
        &mut self,
        role: &Role,
        known: &BTreeSet<&String>,
    ) -> Result<Option<String>, ImportError> {
        let mut form = vec![("FriendlyName", role.friendly_name.clone()), ("Type", role.kind.clone())];
        let kept = role.permissions.iter().filter(|name| known.contains(name));
        form.extend(kept.map(|name| ("Permission", name.clone())));
        match self.to.make("/Roles", &form).await? {
            Ok(made) => Ok(made["sid"].as_str().map(str::to_owned)),
            Err(refusal) => {
                self.done.left.roles += 1;
                self.leave(format!("role {}", role.friendly_name), refusal.message)?;
                Ok(None)
            }
        }
    }
}
