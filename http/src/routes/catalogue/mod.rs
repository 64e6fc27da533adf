//! What is written where: channels, playlists, campaigns, voices. A file for each part, with the schemas it answers with.

mod archive;
mod assignments;
mod campaigns;
mod channels;
mod consents;
mod coverage;
mod dry_run;
mod errand;
mod playlists;
mod policy;
mod preview;
mod settings;
mod statistics;
mod templates;
mod voices;

use archive::ArchiveApi;
use assignments::AssignmentsApi;
use campaigns::CampaignsApi;
use channels::ChannelsApi;
use consents::ConsentsApi;
use coverage::CoverageApi;
use domain::id::ProjectId;
use dry_run::DryRunApi;
use persistence::catalogue::Editor;
use playlists::PlaylistsApi;
use policy::PresetsApi;
use preview::PreviewApi;
use statistics::StatisticsApi;
use templates::TemplatesApi;
use voices::VoicesApi;

use crate::auth::Caller;
use crate::gateway::Gateway;

/// All of it. What rests on a channel, a campaign or a voice stands apart, as the files do.
pub(crate) type CatalogueApi = (
    (ChannelsApi, ConsentsApi, ArchiveApi, AssignmentsApi),
    (PlaylistsApi, CampaignsApi, CoverageApi, DryRunApi, StatisticsApi, PresetsApi),
    (VoicesApi, TemplatesApi, PreviewApi),
);

/// All of it, to be served.
pub(crate) const CATALOGUE: CatalogueApi = (
    (ChannelsApi, ConsentsApi, ArchiveApi, AssignmentsApi),
    (PlaylistsApi, CampaignsApi, CoverageApi, DryRunApi, StatisticsApi, PresetsApi),
    (VoicesApi, TemplatesApi, PreviewApi),
);

/// A caller at work in a project, now.
fn editor(gateway: &Gateway, caller: &Caller, project: ProjectId) -> Editor {
    Editor { project, by: caller.actor(), now: gateway.now() }
}

/// A page of a list: what stands on it, and the cursor of the one that follows.
macro_rules! page {
    ($(#[$doc:meta])* $page:ident of $item:ident) => {
        $(#[$doc])*
        #[derive(Debug, poem_openapi::Object)]
        #[oai(example)]
        pub(super) struct $page {
            /// What stands on the page, in the order of the list.
            items: Vec<$item>,
            /// The cursor of the following page; missing on the last one.
            #[oai(skip_serializing_if_is_none)]
            next: Option<String>,
        }

        impl poem_openapi::types::Example for $page {
            fn example() -> Self {
                Self { items: vec![$item::example()], next: Some("kq3vGdZyW8Q4OA".into()) }
            }
        }
    };
}

pub(super) use page;
