//! `dwh cluster policy`.

use dwh_cluster::{AwsApi as _, operator_policy};

use super::Job;
use crate::context::Context;

/// Stands in for the account where nobody is logged in.
const ACCOUNT: &str = "ACCOUNT_ID";

/// Prints the policy of the person who runs dwh, or of the role that Redshift takes.
///
/// # Errors
/// Stdout is closed.
pub(super) async fn run(job: &Job, role: bool, context: &Context) -> anyhow::Result<()> {
    let policy = match role {
        true => job.lifecycle(true).role_policy(),
        false => {
            let account = match job.api.caller().await {
                Ok(caller) => caller.account,
                Err(error) => {
                    context.printer.warning(format_args!("{error}; put your account's number for {ACCOUNT}"));
                    ACCOUNT.to_owned()
                }
            };
            let secret_arn = context.text("REDSHIFT", "SECRET_ARN");
            operator_policy(&job.spec, job.api.region(), &account, secret_arn)
        }
    };
    Ok(context.printer.line(serde_json::to_string_pretty(&policy)?)?)
}
