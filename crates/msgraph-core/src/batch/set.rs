//! What can be sent as one batch: tuples, vectors and arrays of requests.

use super::{Batch, BatchAnswers, Ticket};
use crate::decode::Decode;
use crate::error::Result;
use crate::request::Request;

/// Requests that [`Client::batch`](crate::Client::batch) takes: tuples of up to 12, and vectors and arrays of one kind.
pub trait BatchSet: sealed::Sealed {
    /// What the answers are: a `Result` for each request, in the same order.
    type Answers;

    #[doc(hidden)]
    type Tickets;

    #[doc(hidden)]
    fn add(self, batch: &mut Batch) -> Self::Tickets;

    #[doc(hidden)]
    fn take(tickets: Self::Tickets, answers: &mut BatchAnswers) -> Self::Answers;
}

mod sealed {
    pub trait Sealed {}
}

impl<D: Decode> sealed::Sealed for Vec<Request<D>> {}

impl<D: Decode> BatchSet for Vec<Request<D>> {
    type Answers = Vec<Result<D::Output>>;
    type Tickets = Vec<Ticket<D>>;

    fn add(self, batch: &mut Batch) -> Self::Tickets {
        self.into_iter().map(|request| batch.add(request)).collect()
    }

    fn take(tickets: Self::Tickets, answers: &mut BatchAnswers) -> Self::Answers {
        tickets.into_iter().map(|ticket| answers.take(ticket)).collect()
    }
}

impl<D: Decode, const N: usize> sealed::Sealed for [Request<D>; N] {}

impl<D: Decode, const N: usize> BatchSet for [Request<D>; N] {
    type Answers = [Result<D::Output>; N];
    type Tickets = [Ticket<D>; N];

    fn add(self, batch: &mut Batch) -> Self::Tickets {
        self.map(|request| batch.add(request))
    }

    fn take(tickets: Self::Tickets, answers: &mut BatchAnswers) -> Self::Answers {
        tickets.map(|ticket| answers.take(ticket))
    }
}

macro_rules! tuples {
    ($($($name:ident)+;)+) => {$(
        impl<$($name: Decode),+> sealed::Sealed for ($(Request<$name>,)+) {}

        impl<$($name: Decode),+> BatchSet for ($(Request<$name>,)+) {
            type Answers = ($(Result<$name::Output>,)+);
            type Tickets = ($(Ticket<$name>,)+);

            #[expect(non_snake_case, reason = "the variables have the names of the types")]
            fn add(self, batch: &mut Batch) -> Self::Tickets {
                let ($($name,)+) = self;
                ($(batch.add($name),)+)
            }

            #[expect(non_snake_case, reason = "the variables have the names of the types")]
            fn take(tickets: Self::Tickets, answers: &mut BatchAnswers) -> Self::Answers {
                let ($($name,)+) = tickets;
                ($(answers.take($name),)+)
            }
        }
    )+};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}
