use serde::{Deserialize, Serialize};

use super::subject_row::hash;

/// A device and its network, as a request shows them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "this is the whole message")]
pub struct Device {
    /// The browser with its major version.
    pub browser: Option<String>,
    /// The operating system.
    pub system: Option<String>,
    /// `desktop`, `mobile`, `tablet`, `tv` or `bot`.
    pub platform: Option<String>,
    /// The country, as the platform states it; empty for none.
    pub country: String,
    /// The number of the network; 0 for none.
    pub asn: i64,
    /// The address, where the configuration wants it; empty for none.
    pub address: String,
}

/// The id of a device is its owner's reference and a hash of what it is: the same browser on the same system is one
/// device. After the owner has been deleted, nobody can tell from an id whose it was.
pub(super) fn device_hash(device: &Device) -> String {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let parts = [text(&device.browser), text(&device.system), text(&device.platform)];
    let [browser, system, platform] = &parts;
    hash(&["device", browser, system, platform])
}
