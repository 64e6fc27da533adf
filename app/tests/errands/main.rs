//! What the command line asks Telegram, against `beseda simulator`: channels that are added, proven and taken back, accounts
//! that are looked at, and how it all stands. Alone, and beside a service that holds the accounts. On both databases.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its tools included")]

#[path = "../two_processes/project.rs"]
mod project;
mod town;

use domain::disclosure::Label;
use domain::seed::Seed;
use domain::time::Clock as _;
use serde_json::json;
use simulator::WorldPlan;
use town::Town;

/// A silent world of as many channels.
fn plan(channels: u32) -> WorldPlan {
    let label = Label::new("The channel's team, with an assistant").unwrap();
    let start = actors::clock::SystemClock.now();
    WorldPlan { channels, accounts: 3, posts_per_day: 0.0, ..WorldPlan::new(Seed(1), start, label) }
}

testkit::on_every_database! {
    async fn channels_are_added_proven_and_taken_back_on_the_command_line(db: &Database) {
        let town = Town::start(db.config(), &plan(20));
        project::fill(db.store(), &plan(4), town.server, town::LOGIN_KEY).await;
        let (administered, strange) = town.channels_that_are_administered_and_not(4).await;

        let refused = town.refused("channel add @nobody_is_here --project Project");
        assert!(refused.contains("Telegram knows nobody there"), "{refused}");
        let added = town.succeed(&format!("channel add t.me/world_channel_{administered} --project Project"));
        assert!(added.contains("channel 5 ") && added.contains("is watched, through account "), "{added}");
        assert!(added.contains("beseda channel verify 5 --project Project --scope comment"), "{added}");
        let refused = town.refused(&format!("channel add @world_channel_{administered} --project Project"));
        assert!(refused.contains("already"), "{refused}");
        let proven = town.succeed("channel verify 5 --project Project --scope comment");
        assert!(proven.contains("an account of the project administers the channel"), "{proven}");

        town.succeed(&format!("channel add @world_channel_{strange} --project Project"));
        town.refused("channel verify 6 --project Project --scope read");
        let code = town.succeed("channel verify 6 --project Project --scope read --code");
        let (code, advice) = code.split_once('\n').unwrap();
        assert!(advice.contains("put this anywhere into the channel's description"), "{advice}");
        let refused = town.refused("channel verify 6 --project Project --scope read");
        assert!(refused.contains("description"), "{refused}");
        let about = format!("Trams and trains. {code}");
        town.control(&json!({ "describe": { "channel": WorldPlan::channel_peer(strange), "about": about } }));
        let proven = town.succeed("channel verify 6 --project Project --scope read --days 30");
        assert!(proven.contains(", until ") && proven.contains("from where it may be removed now"), "{proven}");

        let listed = town.succeed("channel list --project Project");
        assert!(listed.contains("comment until ") && listed.contains("read until "), "{listed}");
        let ended = town.succeed("channel revoke 6 --project Project --scope read");
        assert!(ended.contains("the agreement is taken back"), "{ended}");
        assert!(!town.succeed("channel list --project Project").contains("read until "));
        let again = town.succeed("channel revoke 6 --project Project --scope read");
        assert!(again.contains("there is no such agreement; nothing was changed"), "{again}");
        let status = town.succeed("status");
        assert!(status.contains("channels: 6 watched, 0 lost; 0 open gaps"), "{status}");
    }

    async fn an_account_is_looked_at_on_the_command_line_alone_and_beside_a_service(db: &Database) {
        let town = Town::start(db.config(), &plan(4));
        project::fill(db.store(), &plan(4), town.server, town::LOGIN_KEY).await;
        let looked = town.succeed("account check 1");
        assert!(looked.contains("account 1 is active") && looked.contains("it writes"), "{looked}");
        town.control(&json!({ "intervene": { "revoke": { "account": WorldPlan::account_peer(0) } } }));
        town.refused("account check 1");
        let looked = town.succeed("account check 1");
        assert!(looked.contains("account 1 is needs_login since ") && looked.contains("AUTH_KEY_UNREGISTERED"), "{looked}");
        assert!(looked.contains("beseda account login --again 1"), "{looked}");

        let service = town.serve();
        let looked = town.succeed("account check 2");
        assert!(looked.contains("account 2 is active"), "{looked}");
        let added = town.refused("channel add @world_channel_0 --project Project");
        assert!(added.contains("already"), "the service answers, too: {added}");
        service.stop();
        let refused = town.refused("account check 99");
        assert!(refused.contains("account"), "{refused}");
    }
}
