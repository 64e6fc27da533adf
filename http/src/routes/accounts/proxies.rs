//! `/api/v1/projects/{project_id}/proxies`: the ways that accounts can go, and whether they lead to Telegram.

use std::collections::HashSet;

use domain::access::Right;
use domain::id::{ProjectId, ProxyId};
use domain::proxy::{AddressError, BadLine, Listed, ProxyAddress, parse_list};
use persistence::proxies::{NewProxy, ProxyChange};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;

use super::proxy::{
    NewProxyRequest, ProxiesImported, Proxy, ProxyCheck, ProxyChecks, ProxyImport, ProxyPatch, ProxyStatus,
};
use super::refused;
use crate::auth::{Reader, Writer};
use crate::body::Body;
use crate::gateway::Gateway;
use crate::page::{List, usual};
use crate::problem::{Failure, FieldError};
use crate::routes::catalogue::page;
use crate::routes::people::field;
use crate::routes::{Found, Gone, Made, Part};

page! {
    /// Some proxies, the latest first.
    ProxyPage of Proxy
}

pub(crate) struct ProxiesApi;

#[OpenApi(tag = "Part::Proxies")]
impl ProxiesApi {
    /// List proxies
    ///
    /// The project's proxies, the latest first, without their passwords.
    #[oai(path = "/api/v1/projects/:project_id/proxies", method = "get", operation_id = "listProxies")]
    async fn list(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// Only those of this status.
        status: Query<Option<ProxyStatus>>,
        /// `next` of the page before; left out, the list begins with the latest.
        after: Query<Option<String>>,
        /// The most proxies to return, 1 to 200.
        #[oai(default = "usual", validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<u32>,
    ) -> Result<Found<ProxyPage>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        let status = status.0.map(domain::proxy::Status::from);
        let list = List::of("proxies")
            .by("project", Some(project))
            .by("status", status.map(domain::proxy::Status::as_str));
        let before = list.position::<i64>(after.as_deref())?.map(ProxyId);
        let found = gateway.store.proxies_page(project, status, before, limit.0 + 1).await?;
        let (items, next) = list.cut(found, limit.0, |proxy| proxy.id.get());
        Ok(Found::Whole(Json(ProxyPage { items: items.into_iter().map(Proxy::from).collect(), next })))
    }

    /// Add a proxy
    ///
    /// It is not known to work before it is looked at.
    #[oai(path = "/api/v1/projects/:project_id/proxies", method = "post", operation_id = "createProxy")]
    async fn create(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        body: Body<NewProxyRequest>,
    ) -> Result<Made<Proxy>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let address = read_address(&body.0.address)?;
        let new = [NewProxy { name: body.0.name, address }];
        let added = gateway.store.create_proxies(project, &new, caller.actor(), gateway.now()).await?;
        let proxy = added.first().copied().ok_or_else(|| Failure::unknown("proxy"))?;
        let place = format!("/api/v1/projects/{project}/proxies/{proxy}");
        Ok(Made::Whole(Json(gateway.store.proxy(project, proxy).await?.into()), place))
    }

    /// Import a list of proxies
    ///
    /// All of them or none: if a line is no proxy, or one that is there already, every such line is named by its number and
    /// nothing is added.
    #[oai(
        path = "/api/v1/projects/:project_id/proxies/import",
        method = "post",
        operation_id = "importProxies"
    )]
    async fn import(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        body: Body<ProxyImport>,
    ) -> Result<Found<ProxiesImported>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let listed = parse_list(&body.0.list).map_err(|bad| bad_lines(&bad.0))?;
        keep_out_known(&gateway, project, &listed).await?;
        let new: Vec<_> =
            listed.into_iter().map(|Listed { address, .. }| NewProxy { name: None, address }).collect();
        let added = gateway.store.create_proxies(project, &new, caller.actor(), gateway.now()).await?;
        let added = u32::try_from(added.len()).unwrap_or(u32::MAX);
        Ok(Found::Whole(Json(ProxiesImported { added })))
    }

    /// Look at all proxies now
    ///
    /// Asks each for Telegram, side by side, and moves accounts whose own proxy is down to one that works.
    #[oai(
        path = "/api/v1/projects/:project_id/proxies/check",
        method = "post",
        operation_id = "checkProxies"
    )]
    async fn check_all(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
    ) -> Result<Found<ProxyChecks>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let reports = gateway.system.check_proxies(project).await.map_err(refused)?;
        Ok(Found::Whole(Json(ProxyChecks { items: reports.into_iter().map(ProxyCheck::from).collect() })))
    }

    /// Get a proxy
    ///
    /// One proxy, without its password.
    #[oai(path = "/api/v1/projects/:project_id/proxies/:proxy_id", method = "get", operation_id = "getProxy")]
    async fn get(
        &self,
        gateway: Data<&Gateway>,
        caller: Reader,
        /// The project.
        project_id: Path<i64>,
        /// The proxy.
        proxy_id: Path<i64>,
    ) -> Result<Found<Proxy>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::View).await?.id;
        Ok(Found::Whole(Json(gateway.store.proxy(project, ProxyId(proxy_id.0)).await?.into())))
    }

    /// Change a proxy
    ///
    /// Its name or its address, password included. Another address counts from the next connection through it, and is not
    /// known to work before it is looked at.
    #[oai(
        path = "/api/v1/projects/:project_id/proxies/:proxy_id",
        method = "patch",
        operation_id = "updateProxy"
    )]
    async fn update(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The proxy.
        proxy_id: Path<i64>,
        body: Body<ProxyPatch>,
    ) -> Result<Found<Proxy>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let proxy = ProxyId(proxy_id.0);
        let address = body.0.address.map(|text| read_address(&text)).transpose()?;
        let change = ProxyChange { name: body.0.name, address };
        gateway.store.update_proxy(project, proxy, &change, caller.actor(), gateway.now()).await?;
        Ok(Found::Whole(Json(gateway.store.proxy(project, proxy).await?.into())))
    }

    /// Look at a proxy now
    ///
    /// Asks it for Telegram. An account whose own proxy is found to be down moves to one that works.
    #[oai(
        path = "/api/v1/projects/:project_id/proxies/:proxy_id/check",
        method = "post",
        operation_id = "checkProxy"
    )]
    async fn check(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The proxy.
        proxy_id: Path<i64>,
    ) -> Result<Found<ProxyCheck>, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        let report = gateway.system.check_proxy(project, ProxyId(proxy_id.0)).await.map_err(refused)?;
        let report = report.ok_or_else(|| Failure::unknown("proxy"))?;
        Ok(Found::Whole(Json(report.into())))
    }

    /// Delete a proxy
    ///
    /// One that no account goes through: nobody is sent straight by that.
    #[oai(
        path = "/api/v1/projects/:project_id/proxies/:proxy_id",
        method = "delete",
        operation_id = "deleteProxy"
    )]
    async fn delete(
        &self,
        gateway: Data<&Gateway>,
        caller: Writer,
        /// The project.
        project_id: Path<i64>,
        /// The proxy.
        proxy_id: Path<i64>,
    ) -> Result<Gone, Failure> {
        let project = caller.project(&gateway, project_id.0, Right::Edit).await?.id;
        gateway.store.remove_proxy(project, ProxyId(proxy_id.0), caller.actor(), gateway.now()).await?;
        Ok(Gone::Done)
    }
}

/// That none of the listed proxies is there already.
async fn keep_out_known(gateway: &Gateway, project: ProjectId, listed: &[Listed]) -> Result<(), Failure> {
    let known = gateway.store.list_proxies(project).await?;
    let known: HashSet<_> = known.into_iter().map(|proxy| proxy.address).collect();
    let again: Vec<_> = listed
        .iter()
        .filter(|Listed { address, .. }| known.contains(&address.to_string()))
        .map(|Listed { line, .. }| BadLine { line: *line, error: AddressError::Known })
        .collect();
    if again.is_empty() { Ok(()) } else { Err(bad_lines(&again)) }
}

/// The lines that are no proxies, each by its number; none shows what stands there.
fn bad_lines(bad: &[BadLine]) -> Failure {
    Failure::invalid(bad.iter().map(|line| FieldError::at("/list", line.to_string())).collect())
}

/// An address, from the field `address`.
fn read_address(text: &str) -> Result<ProxyAddress, Failure> {
    text.trim().parse().map_err(|wrong: AddressError| field("/address", &wrong))
}
