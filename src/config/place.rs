//! Where a server is: its API and its login, which behind many addresses are one.
//!
//! Credentials go to the login's host, tokens to the API's, and neither to anybody else.

use super::{BaseUrl, Region};
use crate::error::Error;

/// Where the API is, and where one logs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The API's address.
    pub base_url: BaseUrl,
    /// The login's.
    pub login_url: BaseUrl,
}

impl Place {
    /// What a user said: an address or a region, and perhaps a login of a gateway's own; None if nothing.
    pub fn told(base_url: Option<&str>, region: Option<&str>, login_url: Option<&str>) -> Result<Option<Self>, Error> {
        let region = region.map(str::parse::<Region>).transpose()?;
        let mut place = match (base_url, region) {
            (Some(_), Some(region)) => {
                return Err(Error::Config(format!(
                    "Pass base_url= or region=, not both: the region {} is {}.",
                    region.name,
                    region.api_url()?
                )));
            }
            (None, None) if login_url.is_some() => {
                return Err(Error::Config("login_url= goes with base_url=: pass both.".into()));
            }
            (None, None) => return Ok(None),
            (None, Some(region)) => Self::of(region)?,
            (Some(base_url), None) => base_url.parse::<BaseUrl>()?.try_into()?,
        };
        if let Some(login_url) = login_url {
            place.login_url = login_url
                .parse()
                .map_err(|error: Error| Error::Config(error.to_string().replace("base URL", "login URL")))?;
        }
        Ok(Some(place))
    }

    /// A region's.
    pub fn of(region: Region) -> Result<Self, Error> {
        Ok(Self { base_url: region.api_url()?, login_url: region.login_url()? })
    }
}

/// A region has hosts of its own for API and login, whichever of them was named; elsewhere they are one.
impl TryFrom<BaseUrl> for Place {
    type Error = Error;

    fn try_from(base_url: BaseUrl) -> Result<Self, Error> {
        let Some(region) = Region::of_host(base_url.host()) else {
            return Ok(Self { login_url: base_url.clone(), base_url });
        };
        let api = region.api_url()?;
        if base_url.host().trim_end_matches('.') == api.host() {
            return Ok(Self { base_url, login_url: region.login_url()? });
        }
        // A login or web address would get the token where the API is not.
        match base_url.host().parse::<Region>() {
            Ok(region) => Self::of(region),
            Err(_) => Err(Error::Config(format!(
                "{} belongs to the region {}, whose API is at {api}: pass region={:?}.",
                base_url.host(),
                region.name,
                region.name
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(base_url: Option<&str>, region: Option<&str>, login_url: Option<&str>) -> (String, String) {
        let place = Place::told(base_url, region, login_url).unwrap().unwrap();
        (place.base_url.to_string(), place.login_url.to_string())
    }

    fn pair(api: &str, login: &str) -> (String, String) {
        (api.to_owned(), login.to_owned())
    }

    #[test]
    fn a_region_has_two_hosts_and_a_gateway_may() {
        let ireland = pair("https://api.mypurecloud.ie", "https://login.mypurecloud.ie");
        assert_eq!(told(None, Some("eu-west-1"), None), ireland);
        for address in ["https://api.mypurecloud.ie", "https://login.mypurecloud.ie/", "https://apps.mypurecloud.ie"] {
            assert_eq!(told(Some(address), None, None), ireland, "{address}");
        }
        let gateway = "https://gw.example/genesys";
        assert_eq!(told(Some(gateway), None, None), pair(gateway, gateway));
        let login = "https://gw.example/login";
        assert_eq!(told(Some(gateway), None, Some(login)), pair(gateway, login));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        assert_eq!(Place::told(None, None, None).unwrap(), None);
        for (base_url, region, login_url) in [
            (Some("https://a.example"), Some("eu-west-1"), None),
            (None, None, Some("https://a.example")),
            (None, Some("eu-west-9"), None),
            (Some("https://evil.mypurecloud.ie"), None, None),
            (Some("https://a.example"), None, Some("http://a.example")),
        ] {
            assert!(Place::told(base_url, region, login_url).is_err(), "{base_url:?} {region:?} {login_url:?}");
        }
    }
}
