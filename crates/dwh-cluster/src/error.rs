//! Why something on AWS did not work, and what to do.

use std::fmt;
use std::time::Duration;

/// What keeps a cluster from being created, waited for, opened or deleted.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The configuration asks for what cannot be.
    #[error("{what}: {reason}")]
    Spec {
        /// Section and key.
        what: String,
        /// What is wrong, and what to give instead.
        reason: String,
    },
    /// AWS refused a call, or did not answer.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// There is no such cluster.
    #[error("there is no {what}")]
    NotFound {
        /// `cluster dwhcluster in us-west-2`.
        what: String,
    },
    /// The cluster is there but dwh did not create it.
    #[error("{what} was not created by dwh, so it is left alone")]
    Foreign {
        /// The resource.
        what: String,
    },
    /// A state that waiting does not end.
    #[error("{what} is {status}")]
    BadState {
        /// The resource.
        what: String,
        /// State as AWS spells it.
        status: String,
    },
    /// It took too long.
    #[error("{what} is still {status} after {} minutes", waited.as_secs() / 60)]
    TimedOut {
        /// The resource.
        what: String,
        /// Its last state.
        status: String,
        /// How long was waited.
        waited: Duration,
    },
    /// Not done, because the world could reach the port.
    #[error("{cidr} lets the whole internet in")]
    WholeInternet {
        /// The range.
        cidr: String,
    },
    /// No range of addresses.
    #[error("{text:?} is no range of addresses: {reason}")]
    Cidr {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{service} {operation}: {message}{}", code_of(.code))]
pub struct ApiError {
    /// Service as IAM names it: `redshift`.
    pub service: &'static str,
    /// Operation as IAM names it: `CreateCluster`.
    pub operation: &'static str,
    /// What the caller can do.
    pub kind: ApiErrorKind,
    /// AWS's code, empty if there was no answer.
    pub code: String,
    /// AWS's text.
    pub message: String,
}

/// What the caller of an API can do about its error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiErrorKind {
    /// No such resource.
    NotFound,
    /// A resource of that name, or an equal rule, is there already.
    AlreadyExists,
    /// The resource is busy or in use; later it may work.
    Busy,
    /// Too many requests, even after the SDK's own retries.
    Throttled,
    /// No answer, or one that says that AWS has a problem.
    Unavailable,
    /// The caller may not do this.
    AccessDenied,
    /// Temporary credentials are past their time.
    ExpiredToken,
    /// The key or its signature is not accepted.
    InvalidCredentials,
    /// There are no credentials at all.
    NoCredentials,
    /// An account's limit is reached.
    Quota,
    /// The node type is not offered, or not there.
    NodeType,
    /// Signed for another region than that of the endpoint or resource.
    Region,
    /// The Data API has ended the database session.
    SessionEnded,
    /// Anything else.
    Other,
}

fn code_of(code: &str) -> impl fmt::Display + '_ {
    struct Code<'a>(&'a str);
    impl fmt::Display for Code<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            if self.0.is_empty() { Ok(()) } else { write!(f, " ({})", self.0) }
        }
    }
    Code(code)
}

impl ApiError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let Self { service, operation, .. } = self;
        Some(match self.kind {
            ApiErrorKind::AccessDenied => format!(
                "these credentials lack the permission {service}:{operation}; `dwh cluster policy` prints all that \
                 are needed"
            ),
            ApiErrorKind::ExpiredToken => {
                "the session token is past its time; log in again (aws sso login, or new temporary keys)".to_owned()
            }
            ApiErrorKind::InvalidCredentials => {
                "the access key or its secret is wrong; check [AWS] KEY and SECRET, or AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY, and this machine's clock"
                    .to_owned()
            }
            ApiErrorKind::NoCredentials => {
                "give credentials: aws sso login, AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or [AWS] \
                 KEY and SECRET in dwh.cfg"
                    .to_owned()
            }
            ApiErrorKind::Quota => {
                "a limit of this account is reached; delete what is not needed (`dwh cluster status --all` lists what \
                 dwh created), or ask for more under Service Quotas"
                    .to_owned()
            }
            ApiErrorKind::NodeType => {
                "choose another DWH_NODE_TYPE, such as ra3.large, or another region; not every region has every type"
                    .to_owned()
            }
            ApiErrorKind::Region => {
                "[AWS] REGION is not the region of this resource or endpoint; make them the same".to_owned()
            }
            ApiErrorKind::Throttled => "AWS takes no more requests for the moment; run the same command again".to_owned(),
            ApiErrorKind::Unavailable => {
                "check [AWS] REGION and this machine's network, and run the same command again: it goes on where it \
                 stopped"
                    .to_owned()
            }
            ApiErrorKind::Busy => "it is being changed; run the same command again when that is done".to_owned(),
            ApiErrorKind::NotFound
            | ApiErrorKind::AlreadyExists
            | ApiErrorKind::SessionEnded
            | ApiErrorKind::Other => return None,
        })
    }
}

/// `None` for what is not there.
pub(crate) fn or_none<T>(found: Result<Option<T>, ApiError>) -> Result<Option<T>, ApiError> {
    match found {
        Err(error) if error.kind == ApiErrorKind::NotFound => Ok(None),
        found => found,
    }
}

impl ClusterError {
    /// Whether the same may work later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Api(error) => !matches!(
                error.kind,
                ApiErrorKind::AccessDenied
                    | ApiErrorKind::ExpiredToken
                    | ApiErrorKind::InvalidCredentials
                    | ApiErrorKind::NoCredentials
            ),
            Self::TimedOut { .. } => true,
            _ => false,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Api(error) => return error.hint(),
            Self::Spec { .. } | Self::Cidr { .. } => return None,
            Self::NotFound { .. } => {
                "`dwh cluster create` creates it; `dwh cluster status --all` lists what there is".to_owned()
            }
            Self::Foreign { .. } => {
                "choose another DWH_CLUSTER_IDENTIFIER, or change it where it was created; to load into a cluster \
                 as it is, its endpoint goes into [CLUSTER] HOST"
                    .to_owned()
            }
            Self::BadState { status, .. } if status == "paused" => {
                "`dwh cluster resume` starts it".to_owned()
            }
            Self::BadState { .. } => "look at its events in the Redshift console".to_owned(),
            Self::TimedOut { .. } => "`dwh cluster wait` goes on waiting".to_owned(),
            Self::WholeInternet { .. } => {
                "leave --cidr out to let this machine in, or give --allow-whole-internet if that is meant"
                    .to_owned()
            }
        })
    }
}
