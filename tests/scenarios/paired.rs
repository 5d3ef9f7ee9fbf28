//! A firm with a paired WAHA session, for the scenarios that need one.

use crate::harness::{Answer, House, Person, until};
use farol::simulator::waha::Waha;
use serde_json::{Value, json};

const KEY: &str = "my-secret-key";

/// A firm whose session lies at the made-up WAHA server, started from the app.
pub struct Paired {
    pub house: House,
    pub owner: Person,
    pub channel: String,
    pub waha: Waha,
}

/// The one customer's number.
pub const CUSTOMER: &str = "5511999990001";

impl Paired {
    /// … waiting for a phone to scan its code.
    pub async fn waiting() -> Self {
        let house = House::start().await;
        let owner = house.found("Reboques Exemplo").await;
        let waha = Waha::start(house.kit.env().clone(), "waha-key-0001").await.unwrap();
        let config = json!({"baseUrl": waha.base_url(), "apiKey": "waha-key-0001", "session": "default", "hmacKey": KEY});
        let channel = house.post(&owner, "/channels", json!({"kind": "waha", "name": "Mobile", "config": config})).await.is(201);
        let channel = channel["id"].as_str().unwrap().to_owned();
        let firm = Self { house, owner, channel, waha };
        // A day of pauses is no test.
        let manners = json!({"value": {"seen": true, "typing": true, "pauseMinMs": 1, "pauseMaxMs": 2}});
        let set = format!("/api/v1/settings/channel.manners?channelId={}", firm.channel);
        firm.house.call(reqwest::Method::PUT, &set, Some(&firm.owner.token), Some(&manners)).await;
        let told = firm.house.post(&firm.owner, &format!("/channels/{}/actions/start", firm.channel), json!({})).await.is(200);
        assert_eq!((&told["state"], &told["qrCode"]), (&json!("SCAN_QR_CODE"), &json!("2@code-of-default")));
        firm
    }
    pub async fn start() -> Self {
        let firm = Self::waiting().await;
        firm.waha.scan("default", "5511900000001", "Reboques");
        firm.until_channel("CONNECTED").await;
        firm
    }
    pub async fn get(&self, path: &str) -> Value {
        self.house.get(&self.owner, path).await.is(200)
    }
    pub async fn until(&self, path: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        until(|| self.get(path), what, fits).await
    }
    pub async fn until_channel(&self, status: &str) -> Value {
        self.until(&format!("/channels/{}", self.channel), status, |channel| channel["status"] == status).await
    }
    /// The conversation of the one customer.
    pub async fn conversation(&self) -> String {
        let list = self.until("/conversations?tab=all", "the arrival", |list| list["items"][0]["id"].is_string()).await;
        list["items"][0]["id"].as_str().unwrap().to_owned()
    }
    pub async fn sends(&self, conversation: &str, text: &str) -> String {
        let body = json!({"conversationId": conversation, "content": text});
        let sent = self.house.post(&self.owner, "/messages/send", body).await.is(201);
        sent["id"].as_str().unwrap().to_owned()
    }
    pub async fn until_message(&self, id: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.until(&format!("/messages/{id}"), "the message's state", fits).await
    }
    pub async fn contents(&self, conversation: &str) -> Vec<String> {
        let thread = self.get(&format!("/conversations/{conversation}/messages")).await;
        let mut all: Vec<String> =
            thread["messages"].as_array().unwrap().iter().map(|m| m["content"].as_str().unwrap().to_owned()).collect();
        all.sort();
        all
    }
    /// Any call under `/api/v1`.
    pub async fn call(&self, method: reqwest::Method, path: &str, body: Value) -> Answer {
        self.house.call(method, &format!("/api/v1{path}"), Some(&self.owner.token), Some(&body)).await
    }
}
