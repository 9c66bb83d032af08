//! Filters of a query: predicates over dimensions, joined by and or by or.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::dimensions::has;
use super::not_simulated;
use crate::sim::reply::Failure;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    #[serde(rename = "type")]
    join: Join,
    #[serde(default)]
    clauses: Vec<Clause>,
    #[serde(default)]
    predicates: Vec<Predicate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clause {
    #[serde(rename = "type")]
    join: Join,
    predicates: Vec<Predicate>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Join {
    And,
    Or,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Predicate {
    #[serde(rename = "type", default)]
    kind: Kind,
    dimension: Option<String>,
    #[serde(default)]
    operator: Operator,
    value: Option<String>,
    /// Of metrics and properties, which are not simulated.
    range: Option<Value>,
    metric: Option<Value>,
    property: Option<Value>,
    property_type: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Dimension,
    Property,
    Metric,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Operator {
    #[default]
    Matches,
    Exists,
    NotExists,
}

impl Filter {
    /// Whether it makes sense, where these are the dimensions that there are.
    pub(super) fn check(&self, dimensions: &str) -> Result<(), Failure> {
        if self.clauses.is_empty() && self.predicates.is_empty() {
            return Err(Failure::bad_request("A filter must have clauses or predicates."));
        }
        let inner = self.clauses.iter().flat_map(|clause| &clause.predicates);
        self.predicates.iter().chain(inner).try_for_each(|predicate| predicate.check(dimensions))
    }

    /// Whether it lets through what has these values.
    pub(super) fn holds<'a>(&self, value: &impl Fn(&str) -> Option<Cow<'a, str>>) -> bool {
        let clauses =
            self.clauses.iter().map(|clause| join(clause.join, clause.predicates.iter().map(|p| p.holds(value))));
        join(self.join, clauses.chain(self.predicates.iter().map(|predicate| predicate.holds(value))))
    }
}

fn join(how: Join, mut parts: impl Iterator<Item = bool>) -> bool {
    match how {
        Join::And => parts.all(|part| part),
        Join::Or => parts.any(|part| part),
    }
}

impl Predicate {
    fn check(&self, dimensions: &str) -> Result<(), Failure> {
        match self.kind {
            Kind::Property => return Err(not_simulated("properties to filter by")),
            Kind::Metric => return Err(not_simulated("metrics to filter by")),
            Kind::Dimension => {}
        }
        let others = [&self.range, &self.metric, &self.property, &self.property_type];
        if others.into_iter().any(Option::is_some) {
            return Err(not_simulated("ranges, metrics and properties to filter by"));
        }
        let Some(dimension) = &self.dimension else {
            return Err(Failure::bad_request("A predicate of type dimension must have a dimension."));
        };
        if !has(dimensions, dimension) {
            return Err(Failure::invalid_value(dimension, "dimension", &dimensions.replace(' ', ", ")));
        }
        match (&self.operator, &self.value) {
            (Operator::Matches, None) => {
                Err(Failure::bad_request(format!("The predicate over {dimension} must have a value to match.")))
            }
            _ => Ok(()),
        }
    }

    fn holds<'a>(&self, value: &impl Fn(&str) -> Option<Cow<'a, str>>) -> bool {
        let found = value(self.dimension.as_deref().unwrap_or_default());
        match self.operator {
            Operator::Exists => found.is_some(),
            Operator::NotExists => found.is_none(),
            Operator::Matches => found.zip(self.value.as_deref()).is_some_and(|(found, value)| found == value),
        }
    }
}
