//! A wire that the host is known not to have. Whoever asks for it gets it, and hears of that.

use super::environment::chosen_api;
use super::{Api, ApiChoice, BaseUrl, Sources, is_region_host};

/// What to tell whoever speaks `api` to `base_url`; None where nothing speaks against it.
pub fn mismatch(api: Api, base_url: &BaseUrl) -> Option<String> {
    let host = base_url.host();
    (api == Api::Events && is_region_host(host)).then(|| {
        format!(
            "{host} is a region of Genesys Cloud, and api=\"events\" asks for the tutorial's endpoints, which are not part of \
             the published API there: expect 404 (api=\"platform\" speaks the published API)."
        )
    })
}

/// The same before there is an endpoint. What cannot be read fails where it is used.
pub fn mismatch_of(sources: &impl Sources, choice: ApiChoice, base_url: &str) -> Option<String> {
    let base_url = base_url.parse().ok()?;
    mismatch(chosen_api(sources, choice).ok()?.decide(&base_url), &base_url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_tutorials_wire_on_a_region_is_told() {
        let told = |api, url: &str| mismatch(api, &url.parse().unwrap()).is_some();
        assert!(told(Api::Events, "https://api.mypurecloud.ie"));
        assert!(
            !told(Api::Platform, "https://api.mypurecloud.ie") && !told(Api::Events, "https://mycompany.mygen.com")
        );
    }
}
