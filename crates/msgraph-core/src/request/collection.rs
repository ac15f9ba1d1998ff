//! What only requests for collections have.

use serde::de::DeserializeOwned;

use super::Request;
use crate::changes::{Changes, DeltaToken};
use crate::decode::Count;
use crate::error::Result;
use crate::odata::Page;
use crate::pages::{Items, Pages};

impl<T> Request<Page<T>> {
    /// Asks for the items that meet a condition (`$filter`), for example `startswith(displayName,'A')`.
    ///
    /// Write values with [`Literal`](crate::Literal), which quotes them.
    pub fn filter(self, condition: impl Into<String>) -> Self {
        self.query("$filter", condition)
    }

    /// Asks for an order (`$orderby`), for example `["displayName desc", "id"]`.
    pub fn order_by(self, properties: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.query("$orderby", super::list(properties))
    }

    /// Asks for the items that match a text (`$search`), for example `displayName:Megan`.
    ///
    /// The text is put between double quotes, as Graph wants it, unless it contains some. Sends
    /// `ConsistencyLevel: eventual`, without which the directory refuses to search.
    pub fn search(self, text: impl Into<String>) -> Self {
        self.query("$search", clause(text.into()))
    }

    /// Asks for pages of at most this many items (`$top`). The service may send fewer.
    pub fn top(self, items: u32) -> Self {
        self.query("$top", items.to_string())
    }

    /// Leaves out this many items at the start (`$skip`).
    pub fn skip(self, items: u32) -> Self {
        self.query("$skip", items.to_string())
    }

    /// Asks for the number of all items in the first page (`$count`), read by [`Page::count`].
    ///
    /// Sends `ConsistencyLevel: eventual`, without which the directory does not count.
    pub fn count(self) -> Self {
        self.query("$count", "true")
    }

    /// Asks for the page at a link of an earlier page, and for those that follow, with the headers of this request.
    ///
    /// The link is used as it is: it has the query options of the request that it comes from. Where it leads away from the
    /// client's cloud, awaiting the request fails before a token is asked for.
    ///
    /// ```
    /// # use msgraph_core::odata::{Object, Page, Props};
    /// # async fn example<User: Props>(list: msgraph_core::Request<Page<Object<User>>>) -> msgraph_core::Result<()> {
    /// let mut pages = list.clone().pages();
    /// pages.next().await.transpose()?;
    /// let Some(link) = pages.next_link() else { return Ok(()) };
    /// // Later, perhaps in another process:
    /// let rest = list.continue_from(link).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn continue_from(mut self, link: impl Into<String>) -> Self {
        self.parts = self.parts.with_link(link.into());
        self
    }
}

impl<T: DeserializeOwned + Send + 'static> Request<Page<T>> {
    /// The pages one after the other, each asked for when it is wanted.
    pub fn pages(self) -> Pages<T> {
        Pages::new(self.parts)
    }

    /// The items of all pages one after the other.
    pub fn items(self) -> Items<T> {
        Items::new(self.pages())
    }

    /// What has changed, for a delta request: first everything, then, with the token that this ends with, the changes since.
    ///
    /// See [`Changes`] for an example.
    pub fn changes(self) -> Changes<T> {
        Changes::new(self.parts, None)
    }

    /// What has changed since `token` was given; the request must be the one that [`changes`](Self::changes) was called on.
    pub fn changes_since(self, token: &DeltaToken) -> Changes<T> {
        Changes::new(self.parts, Some(token))
    }

    /// The items of all pages together.
    ///
    /// # Errors
    /// Those of the first page that fails.
    pub async fn all(self) -> Result<Vec<T>> {
        let mut pages = self.pages();
        let mut items = Vec::new();
        while let Some(page) = pages.next().await {
            items.append(&mut page?.value);
        }
        Ok(items)
    }
}

impl Request<Count> {
    /// Counts the items that meet a condition only (`$filter`).
    pub fn filter(self, condition: impl Into<String>) -> Self {
        self.query("$filter", condition)
    }

    /// Counts the items that match a text only (`$search`), quoted as for a collection.
    pub fn search(self, text: impl Into<String>) -> Self {
        self.query("$search", clause(text.into()))
    }
}

fn clause(text: String) -> String {
    if text.contains('"') {
        text
    } else {
        format!("\"{text}\"")
    }
}
