//! Proxies, as the API shows them and takes them.

use actors::ProxyReport;
use chrono::{DateTime, Utc};
use domain::proxy::ACCOUNTS_PER_PROXY;
use domain::time::Timestamp;
use persistence::proxies::ListedProxy;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};

use crate::moment::moment;

/// Whether a proxy works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(remote = "domain::proxy::Status", rename_all = "snake_case")]
pub(super) enum ProxyStatus {
    /// It was not looked at, or did not answer yet.
    Unknown,
    /// Telegram answered behind it.
    Up,
    /// It failed three times in a row.
    Down,
}

/// A proxy, without its password.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct Proxy {
    /// Its id here.
    id: i64,
    /// What it is called in the project.
    name: String,
    /// Where it is and who one is to it, without the password.
    address: String,
    /// Whether it works.
    status: ProxyStatus,
    /// Failures in a row since it last worked.
    failures: u32,
    /// When it was last looked at.
    #[oai(skip_serializing_if_is_none)]
    checked_at: Option<DateTime<Utc>>,
    /// How long Telegram's answer took then, in milliseconds.
    #[oai(skip_serializing_if_is_none)]
    latency_ms: Option<u64>,
    /// Why there was none.
    #[oai(skip_serializing_if_is_none)]
    last_error: Option<String>,
    /// How many accounts go through it.
    accounts: u8,
    /// How many more may.
    free_places: u8,
}

/// A proxy to be added.
#[derive(Object)]
#[oai(example, deny_unknown_fields)]
pub(super) struct NewProxyRequest {
    /// What it is to be called; its address without the password, if nothing.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub(super) name: Option<String>,
    /// `host:port`, `host:port:user:password` or `scheme://user:password@host:port`; the scheme is socks5 or http.
    #[oai(validator(min_length = 1, max_length = 1024))]
    pub(super) address: String,
}

/// A list of proxies.
#[derive(Object)]
#[oai(example, deny_unknown_fields)]
pub(super) struct ProxyImport {
    /// One proxy a line, as a new proxy's address; what follows a `#` is not read.
    #[oai(validator(min_length = 1, max_length = 200_000))]
    pub(super) list: String,
}

/// What came of an import.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct ProxiesImported {
    /// How many were added.
    pub(super) added: u32,
}

/// What is to be different about a proxy; what is left out stays.
#[derive(Object)]
#[oai(example, deny_unknown_fields)]
pub(super) struct ProxyPatch {
    /// What it is called in the project.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub(super) name: Option<String>,
    /// Where it is and how it is entered, as a new proxy's address.
    #[oai(validator(min_length = 1, max_length = 1024))]
    pub(super) address: Option<String>,
}

/// How a proxy was found to be.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct ProxyCheck {
    /// The proxy.
    proxy_id: i64,
    /// What it is called.
    name: String,
    /// Whether Telegram answered behind it.
    answered: bool,
    /// How long that took, in milliseconds.
    #[oai(skip_serializing_if_is_none)]
    latency_ms: Option<u64>,
    /// Why it did not.
    #[oai(skip_serializing_if_is_none)]
    error: Option<String>,
    /// How it counts now: one failure is a doubt, three in a row are a verdict.
    status: ProxyStatus,
}

/// How all proxies were found to be.
#[derive(Debug, Object)]
#[oai(example)]
pub(super) struct ProxyChecks {
    /// One for each, in the order in which they were added.
    pub(super) items: Vec<ProxyCheck>,
}

impl From<ListedProxy> for Proxy {
    fn from(proxy: ListedProxy) -> Self {
        Self {
            id: proxy.id.get(),
            name: proxy.name,
            address: proxy.address,
            status: proxy.health.status.into(),
            failures: proxy.health.failures,
            checked_at: proxy.last_check_at.map(moment),
            latency_ms: proxy.latency.map(|latency| u64::try_from(latency.as_millis()).unwrap_or(u64::MAX)),
            last_error: proxy.last_error,
            accounts: proxy.accounts,
            free_places: ACCOUNTS_PER_PROXY.saturating_sub(proxy.accounts),
        }
    }
}

impl From<ProxyReport> for ProxyCheck {
    fn from(report: ProxyReport) -> Self {
        let latency = report.answer.as_ref().ok();
        Self {
            proxy_id: report.proxy.get(),
            name: report.name,
            answered: latency.is_some(),
            latency_ms: latency.map(|latency| u64::try_from(latency.as_millis()).unwrap_or(u64::MAX)),
            error: report.answer.err(),
            status: report.health.status.into(),
        }
    }
}

impl Example for Proxy {
    fn example() -> Self {
        Self {
            id: 2,
            name: "office".into(),
            address: "socks5://ann@proxy.example:1080".into(),
            status: ProxyStatus::Up,
            failures: 0,
            checked_at: Some(moment(Timestamp::from_secs(1_772_442_000))),
            latency_ms: Some(70),
            last_error: None,
            accounts: 2,
            free_places: 1,
        }
    }
}

impl Example for NewProxyRequest {
    fn example() -> Self {
        Self { name: Some("office".into()), address: "socks5://ann:secret@proxy.example:1080".into() }
    }
}

impl Example for ProxyImport {
    fn example() -> Self {
        Self { list: "proxy.example:1080\nhttp://ann:secret@other.example:8080\n".into() }
    }
}

impl Example for ProxiesImported {
    fn example() -> Self {
        Self { added: 2 }
    }
}

impl Example for ProxyPatch {
    fn example() -> Self {
        Self { name: Some("office".into()), address: None }
    }
}

impl Example for ProxyCheck {
    fn example() -> Self {
        Self {
            proxy_id: 2,
            name: "office".into(),
            answered: true,
            latency_ms: Some(70),
            error: None,
            status: ProxyStatus::Up,
        }
    }
}

impl Example for ProxyChecks {
    fn example() -> Self {
        Self { items: vec![ProxyCheck::example()] }
    }
}
