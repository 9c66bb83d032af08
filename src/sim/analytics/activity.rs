//! The query for what goes on right now: who talks, by queue, user, or whatever else it is grouped by.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::details::Heard;
use super::dimensions::{ACTIVITY, has};
use super::filter::Filter;
use super::unreadable;
use crate::sim::call::Call;
use crate::sim::moment::{Moment, iso};
use crate::sim::parties::Party;
use crate::sim::reply::Failure;

/// A query that makes sense.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::sim) struct Activity {
    #[serde(default)]
    metrics: Vec<Wanted>,
    #[serde(default)]
    group_by: Vec<String>,
    filter: Option<Filter>,
    /// There is nothing to order by but the group.
    #[serde(rename = "order")]
    _order: Option<Order>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    metric: Metric,
    #[serde(default)]
    details: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Metric {
    #[serde(rename = "oAlerting")]
    Alerting,
    #[serde(rename = "oInteracting")]
    Interacting,
    #[serde(rename = "oLongestInteracting")]
    LongestInteracting,
    #[serde(rename = "oLongestWaiting")]
    LongestWaiting,
    #[serde(rename = "oWaiting")]
    Waiting,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    Asc,
    Desc,
    Unordered,
}

/// One agent who talks.
struct Talk<'a> {
    heard: Heard<'a>,
    agent: &'a Party,
}

impl Activity {
    pub(in crate::sim) fn read(body: Value) -> Result<Self, Failure> {
        let query: Self = serde_json::from_value(body).map_err(|error| unreadable(&error))?;
        if query.metrics.is_empty() {
            return Err(Failure::bad_request("At least one metric is required.").field("metrics"));
        }
        if let Some(unknown) = query.group_by.iter().find(|dimension| !has(ACTIVITY, dimension)) {
            return Err(Failure::invalid_value(unknown, "groupBy", &ACTIVITY.replace(' ', ", ")));
        }
        query.filter.iter().try_for_each(|filter| filter.check(ACTIVITY))?;
        Ok(query)
    }

    /// The answer from calls that were settled and go on.
    pub(in crate::sim) fn answer<'a>(&self, calls: impl Iterator<Item = &'a Call>, now: Moment) -> Value {
        let talks = calls.flat_map(|call| {
            let heard = Heard { call, horizon: now };
            call.parties.agents().map(move |agent| Talk { heard, agent })
        });
        let filter = |talk: &Talk<'_>| self.filter.as_ref().is_none_or(|filter| filter.holds(&|name| talk.value(name)));
        let mut groups: BTreeMap<Vec<String>, Vec<Talk<'_>>> = BTreeMap::new();
        for talk in talks.filter(filter) {
            let group = self.group_by.iter().map(|name| talk.value(name).unwrap_or_default().into_owned()).collect();
            groups.entry(group).or_default().push(talk);
        }
        let results: Vec<_> = groups.iter().map(|(group, talks)| self.result(group, talks, now)).collect();
        json!({ "results": results, "entityIdDimension": "conversationId" })
    }

    fn result(&self, group: &[String], talks: &[Talk<'_>], now: Moment) -> Value {
        let group: Map<String, Value> =
            self.group_by.iter().cloned().zip(group.iter().cloned().map(Value::String)).collect();
        let mut result = json!({
            "group": group,
            "data": self.metrics.iter().map(|wanted| data(wanted.metric, talks, now)).collect::<Vec<_>>(),
            "truncated": false,
        });
        // Only who talks is simulated: nobody alerts, nobody waits.
        if self.metrics.iter().any(|wanted| wanted.details && wanted.metric == Metric::Interacting) {
            result["entities"] = talks.iter().map(Talk::entity).collect();
        }
        result
    }
}

fn data(metric: Metric, talks: &[Talk<'_>], now: Moment) -> Value {
    let longest = talks.iter().map(|talk| talk.agent.joined).min();
    match metric {
        Metric::Interacting => json!({ "metric": metric, "count": talks.len() }),
        Metric::LongestInteracting => {
            let lasting = now.saturating_sub(longest.unwrap_or(now));
            json!({ "metric": metric, "calculatedMetricValue": u64::try_from(lasting.as_millis()).unwrap_or(u64::MAX) })
        }
        Metric::Alerting | Metric::Waiting => json!({ "metric": metric, "count": 0 }),
        Metric::LongestWaiting => json!({ "metric": metric }),
    }
}

impl<'a> Talk<'a> {
    fn value(&self, dimension: &str) -> Option<Cow<'a, str>> {
        match dimension {
            "conversationId" => self.heard.conversation(dimension),
            "sessionId" => Some(self.agent.leg.to_string().into()),
            _ => self.heard.segment(self.agent, dimension),
        }
    }

    fn entity(&self) -> Value {
        let mut entity = json!({ "metric": Metric::Interacting, "activityDate": iso(self.agent.joined) });
        for name in ["conversationId", "sessionId", "userId", "queueId", "mediaType", "direction", "participantName"] {
            if let Some(value) = self.value(name) {
                entity[name] = value.into();
            }
        }
        entity
    }
}
