//! The plan of an operation that is one request and one answer.

use super::{Halt, Plan, Step};
use crate::error::Error;
use crate::exchange::{Request, Response};

/// How the end of a request becomes a result.
type Read<T> = fn(Result<Response, Error>) -> Result<T, Halt>;

/// One request, and how its end becomes a result.
#[derive(Debug)]
pub struct Ask<T> {
    request: Option<Box<Request>>,
    read: Read<T>,
}

impl<T> Ask<T> {
    /// Asks once, and reads what comes of it.
    pub fn new(request: Request, read: Read<T>) -> Self {
        Self { request: Some(Box::new(request)), read }
    }
}

impl<T: Send> Plan for Ask<T> {
    type Output = T;

    fn step(&mut self, last: Option<Result<Response, Error>>) -> Result<Step<T>, Halt> {
        match (self.request.take(), last) {
            (Some(request), _) => Ok(Step::Send(request)),
            (None, Some(last)) => (self.read)(last).map(Step::Done),
            (None, None) => Err(Error::Config("A plan was stepped again without an answer.".into()).into()),
        }
    }
}
