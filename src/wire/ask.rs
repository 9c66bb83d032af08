//! The plan of an operation that is one request and one answer.

use std::fmt;

use super::{Halt, Plan, Step};
use crate::error::Error;
use crate::exchange::{Request, Response};

/// How the end of a request becomes a result.
type Read<T> = Box<dyn FnOnce(Result<Response, Error>) -> Result<T, Halt> + Send>;

/// One request, and how its end becomes a result.
pub struct Ask<T> {
    request: Option<Box<Request>>,
    read: Option<Read<T>>,
}

impl<T> Ask<T> {
    /// Asks once, and reads what comes of it.
    pub fn new(
        request: Request,
        read: impl FnOnce(Result<Response, Error>) -> Result<T, Halt> + Send + 'static,
    ) -> Self {
        Self { request: Some(Box::new(request)), read: Some(Box::new(read)) }
    }

    /// The same question, whose result becomes another.
    pub fn then<U>(self, change: impl FnOnce(Result<T, Halt>) -> Result<U, Halt> + Send + 'static) -> Ask<U>
    where
        T: 'static,
    {
        let read = self.read.map(|read| -> Read<U> { Box::new(move |last| change(read(last))) });
        Ask { request: self.request, read }
    }
}

impl<T: Send> Plan for Ask<T> {
    type Output = T;

    fn step(&mut self, last: Option<Result<Response, Error>>) -> Result<Step<T>, Halt> {
        match (self.request.take(), last, self.read.take()) {
            (Some(request), _, read) => {
                self.read = read;
                Ok(Step::Send(request))
            }
            (None, Some(last), Some(read)) => read(last).map(Step::Done),
            _ => Err(Error::Config("A plan was stepped again without an answer.".into()).into()),
        }
    }
}

impl<T> fmt::Debug for Ask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ask").field("request", &self.request).finish_non_exhaustive()
    }
}
